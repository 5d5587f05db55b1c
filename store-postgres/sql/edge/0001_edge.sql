CREATE SCHEMA edge;
COMMENT ON SCHEMA edge IS 'Credentials, sessions, one-time codes, evidence of requests.';

CREATE TABLE edge.schema_version (
    one     smallint PRIMARY KEY CHECK (one = 1),
    version integer  NOT NULL
);
INSERT INTO edge.schema_version (one, version) VALUES (1, 0);
COMMENT ON TABLE edge.schema_version IS 'One row: the version of this schema.';
COMMENT ON COLUMN edge.schema_version.one IS 'Always 1.';
COMMENT ON COLUMN edge.schema_version.version IS 'How many migrations were made.';

-- A version is never given twice, so that what was removed and made again is another value.
CREATE SEQUENCE edge.versions;

CREATE TABLE edge.edge (
    area       integer NOT NULL,
    key        bytea   NOT NULL,
    value      bytea   NOT NULL,
    version    bigint  NOT NULL,
    expires_ns bigint,
    PRIMARY KEY (area, key)
);
CREATE INDEX edge_expires ON edge.edge (expires_ns) WHERE expires_ns IS NOT NULL;
COMMENT ON TABLE edge.edge IS
    'Small versioned values by table and key, without personal data. Distribution key: key.';
COMMENT ON COLUMN edge.edge.area IS 'The table''s code.';
COMMENT ON COLUMN edge.edge.key IS 'The key.';
COMMENT ON COLUMN edge.edge.value IS 'The value.';
COMMENT ON COLUMN edge.edge.version IS 'Greater than that of any value written before.';
COMMENT ON COLUMN edge.edge.expires_ns IS 'From when on it is not there; null if it stays.';
