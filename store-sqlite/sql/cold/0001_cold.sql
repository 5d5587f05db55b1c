-- Ids that were spent. The id comes first in the key: it begins with its time, so that batches in
-- the order of their ids go almost only to the end.
CREATE TABLE ids (
    id     BLOB    NOT NULL,
    sender INTEGER NOT NULL,
    seq    INTEGER NOT NULL,
    digest BLOB    NOT NULL,
    PRIMARY KEY (id, sender)
) STRICT, WITHOUT ROWID;

-- The last row of each bet that has left memory.
CREATE TABLE bets (
    bet       BLOB    NOT NULL,
    organiser INTEGER NOT NULL,
    seq       INTEGER NOT NULL,
    bytes     BLOB    NOT NULL,
    PRIMARY KEY (bet, organiser)
) STRICT, WITHOUT ROWID;

-- The largest time of an id of each sender.
CREATE TABLE horizon (
    sender INTEGER PRIMARY KEY,
    ms     INTEGER NOT NULL
) STRICT;

CREATE TABLE meta (
    one            INTEGER PRIMARY KEY CHECK (one = 1),
    schema_version INTEGER NOT NULL,
    cursor         INTEGER NOT NULL
) STRICT;

INSERT INTO meta (one, schema_version, cursor) VALUES (1, 0, 0);
