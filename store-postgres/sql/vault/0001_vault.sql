CREATE SCHEMA vault;
COMMENT ON SCHEMA vault IS 'Persons: sealed bytes under references that say nothing.';

CREATE TABLE vault.schema_version (
    one     smallint PRIMARY KEY CHECK (one = 1),
    version integer  NOT NULL
);
INSERT INTO vault.schema_version (one, version) VALUES (1, 0);
COMMENT ON TABLE vault.schema_version IS 'One row: the version of this schema.';
COMMENT ON COLUMN vault.schema_version.one IS 'Always 1.';
COMMENT ON COLUMN vault.schema_version.version IS 'How many migrations were made.';

CREATE TABLE vault.state (
    one            smallint PRIMARY KEY CHECK (one = 1),
    epochs_version bigint   NOT NULL
);
INSERT INTO vault.state (one, epochs_version) VALUES (1, 0);
COMMENT ON TABLE vault.state IS
    'One row, locked for a moment by whoever writes keys, so that nobody writes under an epoch '
    'that was left.';
COMMENT ON COLUMN vault.state.one IS 'Always 1.';
COMMENT ON COLUMN vault.state.epochs_version IS 'How often the epochs were changed.';

CREATE TABLE vault.epochs (
    epoch    bigint   PRIMARY KEY,
    phase    smallint NOT NULL,
    sealed   bytea    NOT NULL,
    progress bytea    NOT NULL
);
COMMENT ON TABLE vault.epochs IS 'The epochs of the keys: one, or two during a rotation.';
COMMENT ON COLUMN vault.epochs.epoch IS 'Its number, from 1.';
COMMENT ON COLUMN vault.epochs.phase IS
    '1 current, 2 keys are carried over, 3 the index is made, 4 old, 5 proved to be replaced, '
    '6 its key is destroyed.';
COMMENT ON COLUMN vault.epochs.sealed IS
    'Its keys, sealed by the key-encryption key, which is not here.';
COMMENT ON COLUMN vault.epochs.progress IS 'How far the work of its phase has come.';

CREATE TABLE vault.persons (
    reference bytea    PRIMARY KEY CHECK (octet_length(reference) = 16),
    state     smallint NOT NULL,
    number    bigint,
    made_ns   bigint   NOT NULL,
    ordered   bigint
);
CREATE UNIQUE INDEX persons_number ON vault.persons (number) WHERE number IS NOT NULL;
CREATE INDEX persons_pending ON vault.persons (reference, made_ns) WHERE state = 1;
COMMENT ON TABLE vault.persons IS 'One row a person. Distribution key: reference.';
COMMENT ON COLUMN vault.persons.reference IS 'Random.';
COMMENT ON COLUMN vault.persons.state IS '1 waits for its fact, 2 live, 3 destroyed.';
COMMENT ON COLUMN vault.persons.number IS 'The journal''s number, once its fact is known.';
COMMENT ON COLUMN vault.persons.made_ns IS 'When it was admitted.';
COMMENT ON COLUMN vault.persons.ordered IS 'The entry that ordered the destruction.';

CREATE TABLE vault.keys (
    epoch     bigint NOT NULL,
    reference bytea  NOT NULL,
    sealed    bytea  NOT NULL,
    entries   bytea  NOT NULL,
    PRIMARY KEY (epoch, reference)
);
ALTER TABLE vault.keys ALTER COLUMN sealed SET STORAGE EXTERNAL;
ALTER TABLE vault.keys ALTER COLUMN entries SET STORAGE EXTERNAL;
COMMENT ON TABLE vault.keys IS
    'The key of each person, sealed under the key of an epoch. Distribution key: reference.';
COMMENT ON COLUMN vault.keys.epoch IS 'The epoch.';
COMMENT ON COLUMN vault.keys.reference IS 'Whose.';
COMMENT ON COLUMN vault.keys.sealed IS 'The sealed key.';
COMMENT ON COLUMN vault.keys.entries IS 'Field and hash of his rows in entries, 33 bytes each.';

CREATE TABLE vault.items (
    reference bytea    NOT NULL,
    item      integer  NOT NULL,
    kind      smallint NOT NULL,
    version   bigint   NOT NULL,
    epoch     bigint   NOT NULL,
    sealed    bytea    NOT NULL,
    PRIMARY KEY (reference, item)
);
ALTER TABLE vault.items ALTER COLUMN sealed SET STORAGE EXTERNAL;
COMMENT ON TABLE vault.items IS
    'What is known of a person, sealed under his key. Distribution key: reference.';
COMMENT ON COLUMN vault.items.reference IS 'Of whom.';
COMMENT ON COLUMN vault.items.item IS '0 the record, photographs from 1.';
COMMENT ON COLUMN vault.items.kind IS '1 record, 2 photograph.';
COMMENT ON COLUMN vault.items.version IS 'How often it was written.';
COMMENT ON COLUMN vault.items.epoch IS 'The epoch in which it was sealed.';
COMMENT ON COLUMN vault.items.sealed IS 'The sealed bytes.';

CREATE TABLE vault.entries (
    epoch     bigint   NOT NULL,
    field     smallint NOT NULL,
    hash      bytea    NOT NULL,
    reference bytea    NOT NULL,
    PRIMARY KEY (epoch, field, hash, reference)
);
COMMENT ON TABLE vault.entries IS
    'The index: hashes of what persons are found by, under the key of the epoch. Distribution key: '
    'hash.';
COMMENT ON COLUMN vault.entries.epoch IS 'The epoch.';
COMMENT ON COLUMN vault.entries.field IS '1 IIN, 2 telephone, 3 document, 4 name with birth date.';
COMMENT ON COLUMN vault.entries.hash IS 'HMAC-SHA-256 of the value.';
COMMENT ON COLUMN vault.entries.reference IS 'Who has the value.';

CREATE TABLE vault.removed (
    epoch     bigint   NOT NULL,
    field     smallint NOT NULL,
    hash      bytea    NOT NULL,
    reference bytea    NOT NULL,
    PRIMARY KEY (epoch, field, hash, reference)
);
COMMENT ON TABLE vault.removed IS
    'Entries that were removed during a rotation; what the rotation brings late is held against '
    'them. Empty after it.';
COMMENT ON COLUMN vault.removed.epoch IS 'As in entries.';
COMMENT ON COLUMN vault.removed.field IS 'As in entries.';
COMMENT ON COLUMN vault.removed.hash IS 'As in entries.';
COMMENT ON COLUMN vault.removed.reference IS 'As in entries.';

CREATE TABLE vault.looks (
    reference bytea  NOT NULL,
    seq       bigint NOT NULL,
    sealed    bytea  NOT NULL,
    PRIMARY KEY (reference, seq)
);
COMMENT ON TABLE vault.looks IS
    'Each person''s own log of who looked at his data. Distribution key: reference.';
COMMENT ON COLUMN vault.looks.reference IS 'Whose data.';
COMMENT ON COLUMN vault.looks.seq IS 'The entry that is the audit fact of the look.';
COMMENT ON COLUMN vault.looks.sealed IS 'Who and why, sealed under the person''s key.';
