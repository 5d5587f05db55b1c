-- Small versioned values by table and key. The last version that was given is kept, so that none is
-- given twice.
CREATE TABLE edge (
    area       INTEGER NOT NULL,
    key        BLOB    NOT NULL,
    value      BLOB    NOT NULL,
    version    INTEGER NOT NULL,
    expires_ns INTEGER,
    PRIMARY KEY (area, key)
) STRICT;
CREATE INDEX edge_expires ON edge (expires_ns) WHERE expires_ns IS NOT NULL;

CREATE TABLE meta (
    one            INTEGER PRIMARY KEY CHECK (one = 1),
    schema_version INTEGER NOT NULL,
    last_version   INTEGER NOT NULL
) STRICT;

INSERT INTO meta (one, schema_version, last_version) VALUES (1, 0, 0);
