-- One part of the journal. A frame's bytes are all that is stored of it; number and first_seq
-- repeat what its header states, so that it can be found without reading it.
CREATE TABLE frames (
    number    INTEGER PRIMARY KEY,
    first_seq INTEGER NOT NULL,
    bytes     BLOB    NOT NULL
) STRICT;

CREATE TABLE meta (
    one            INTEGER PRIMARY KEY CHECK (one = 1),
    schema_version INTEGER NOT NULL,
    part           INTEGER NOT NULL,
    closed         INTEGER NOT NULL CHECK (closed IN (0, 1))
) STRICT;

INSERT INTO meta (one, schema_version, part, closed) VALUES (1, 0, 0, 0);
