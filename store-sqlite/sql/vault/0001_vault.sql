-- Persons: opaque bytes under a reference that says nothing. An item has a row id, so that large
-- ones lie beside the tree and not in it; all others lie in the order of their keys.
CREATE TABLE persons (
    reference BLOB    PRIMARY KEY CHECK (length(reference) = 16),
    state     INTEGER NOT NULL,
    number    INTEGER,
    made_ns   INTEGER NOT NULL,
    ordered   INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX persons_number ON persons (number) WHERE number IS NOT NULL;
CREATE INDEX persons_pending ON persons (reference, made_ns) WHERE state = 1;

CREATE TABLE keys (
    epoch     INTEGER NOT NULL,
    reference BLOB    NOT NULL,
    sealed    BLOB    NOT NULL,
    entries   BLOB    NOT NULL,
    PRIMARY KEY (epoch, reference)
) STRICT, WITHOUT ROWID;

CREATE TABLE items (
    id        INTEGER PRIMARY KEY,
    reference BLOB    NOT NULL,
    item      INTEGER NOT NULL,
    kind      INTEGER NOT NULL,
    version   INTEGER NOT NULL,
    epoch     INTEGER NOT NULL,
    sealed    BLOB    NOT NULL,
    UNIQUE (reference, item)
) STRICT;

CREATE TABLE entries (
    epoch     INTEGER NOT NULL,
    field     INTEGER NOT NULL,
    hash      BLOB    NOT NULL,
    reference BLOB    NOT NULL,
    PRIMARY KEY (epoch, field, hash, reference)
) STRICT, WITHOUT ROWID;

-- Entries that were removed while there were two epochs: what comes late is held against them.
CREATE TABLE removed (
    epoch     INTEGER NOT NULL,
    field     INTEGER NOT NULL,
    hash      BLOB    NOT NULL,
    reference BLOB    NOT NULL,
    PRIMARY KEY (epoch, field, hash, reference)
) STRICT, WITHOUT ROWID;

CREATE TABLE looks (
    reference BLOB    NOT NULL,
    seq       INTEGER NOT NULL,
    sealed    BLOB    NOT NULL,
    PRIMARY KEY (reference, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE epochs (
    epoch    INTEGER PRIMARY KEY,
    phase    INTEGER NOT NULL,
    sealed   BLOB    NOT NULL,
    progress BLOB    NOT NULL
) STRICT;

CREATE TABLE meta (
    one            INTEGER PRIMARY KEY CHECK (one = 1),
    schema_version INTEGER NOT NULL,
    epochs_version INTEGER NOT NULL
) STRICT;

INSERT INTO meta (one, schema_version, epochs_version) VALUES (1, 0, 0);
