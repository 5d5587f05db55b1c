CREATE SCHEMA bej;
COMMENT ON SCHEMA bej IS 'The journal and its snapshots. Nothing in frames is ever changed.';

CREATE TABLE bej.schema_version (
    one      smallint PRIMARY KEY CHECK (one = 1),
    version  integer  NOT NULL,
    store_id uuid     NOT NULL
);
INSERT INTO bej.schema_version (one, version, store_id) VALUES (1, 0, gen_random_uuid());
COMMENT ON TABLE bej.schema_version IS 'One row: the version of this schema.';
COMMENT ON COLUMN bej.schema_version.one IS 'Always 1.';
COMMENT ON COLUMN bej.schema_version.version IS 'How many migrations were made.';
COMMENT ON COLUMN bej.schema_version.store_id IS
    'Random; tells this store from every other one.';

CREATE TABLE bej.frames (
    number    bigint NOT NULL,
    first_seq bigint NOT NULL,
    hash      bytea  NOT NULL,
    bytes     bytea  NOT NULL,
    PRIMARY KEY (number)
);
-- Facts do not compress well enough to pay for the time; parts of a value can be read alone.
ALTER TABLE bej.frames ALTER COLUMN bytes SET STORAGE EXTERNAL;
CREATE INDEX frames_first_seq ON bej.frames (first_seq, number);
COMMENT ON TABLE bej.frames IS
    'The journal: one row for each commit of the pump, without gaps, each following the one '
    'before. Distribution key: number.';
COMMENT ON COLUMN bej.frames.number IS 'From 1, without gaps.';
COMMENT ON COLUMN bej.frames.first_seq IS 'The position of its first fact.';
COMMENT ON COLUMN bej.frames.hash IS 'SHA-256 of its header and the hashes of its facts.';
COMMENT ON COLUMN bej.frames.bytes IS 'The whole frame, as docs/journal-format.md has it.';

CREATE TABLE bej.writers (
    one    smallint PRIMARY KEY CHECK (one = 1),
    opened bigint   NOT NULL
);
INSERT INTO bej.writers (one, opened) VALUES (1, 0);
COMMENT ON TABLE bej.writers IS
    'One row, written when a writer has connected: when that is durable on every standby, so is '
    'all before it.';
COMMENT ON COLUMN bej.writers.one IS 'Always 1.';
COMMENT ON COLUMN bej.writers.opened IS 'How often a writer has connected.';

CREATE TABLE bej.lease (
    one     smallint    PRIMARY KEY CHECK (one = 1),
    term    bigint      NOT NULL,
    node    text        NOT NULL,
    api     text        NOT NULL,
    console text        NOT NULL,
    until   timestamptz NOT NULL
);
INSERT INTO bej.lease (one, term, node, api, console, until)
VALUES (1, 0, '', '', '', '-infinity');
COMMENT ON TABLE bej.lease IS
    'One row: which node decides. It says who tries; the hashes of frames say who succeeds.';
COMMENT ON COLUMN bej.lease.one IS 'Always 1.';
COMMENT ON COLUMN bej.lease.term IS 'How often the lease was taken.';
COMMENT ON COLUMN bej.lease.node IS 'The name of the node that took it last.';
COMMENT ON COLUMN bej.lease.api IS 'Where organisers reach that node.';
COMMENT ON COLUMN bej.lease.console IS 'Where the staff reaches its pages.';
COMMENT ON COLUMN bej.lease.until IS
    'Until when it is that node''s, by the clock of this server.';

CREATE TABLE bej.marks (
    name    text   PRIMARY KEY,
    version bigint NOT NULL,
    bytes   bytea  NOT NULL
);
COMMENT ON TABLE bej.marks IS
    'Small values that nodes share and that follow from nothing else, as what was signed last.';
COMMENT ON COLUMN bej.marks.name IS 'What it is.';
COMMENT ON COLUMN bej.marks.version IS 'How often it was set.';
COMMENT ON COLUMN bej.marks.bytes IS 'The value.';

CREATE TABLE bej.snapshots (
    seq   bigint  NOT NULL,
    part  integer NOT NULL,
    bytes bytea   NOT NULL,
    PRIMARY KEY (seq, part)
);
ALTER TABLE bej.snapshots ALTER COLUMN bytes SET STORAGE EXTERNAL;
COMMENT ON TABLE bej.snapshots IS
    'Snapshots of the hot state, the two newest. All rows of one appear together. Distribution '
    'key: seq.';
COMMENT ON COLUMN bej.snapshots.seq IS 'The first position that is not in it.';
COMMENT ON COLUMN bej.snapshots.part IS 'From 0.';
COMMENT ON COLUMN bej.snapshots.bytes IS 'At most 1 MiB and a checksum.';
