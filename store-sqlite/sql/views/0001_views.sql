-- Rows are their canonical bytes, `body`; beside it stand only the columns that statements compare.

-- The register of bets, one row for each stake and each hold, in the order of the journal. `spare`
-- gives way to the settlement, so that a row keeps its place in its page when the bet is settled.
CREATE TABLE bets (
    seq         INTEGER PRIMARY KEY,
    account     INTEGER NOT NULL,
    organiser   INTEGER NOT NULL,
    desk        INTEGER NOT NULL,
    standing    INTEGER NOT NULL,
    amount_tiyn INTEGER NOT NULL,
    day         INTEGER NOT NULL,
    at_ns       INTEGER NOT NULL,
    body        BLOB    NOT NULL,
    spare       BLOB
) STRICT;

-- Ids begin with their time, so new ones go almost only to the end.
CREATE TABLE bet_ids (
    bet       BLOB    NOT NULL,
    seq       INTEGER NOT NULL,
    organiser INTEGER NOT NULL,
    PRIMARY KEY (bet, seq)
) STRICT, WITHOUT ROWID;

-- Closed segments: their rows have seq in first_seq..end_seq, and are in `chunks`. The number is
-- twice first_seq, and one more if the segment was made of several.
CREATE TABLE segments (
    number    INTEGER PRIMARY KEY,
    first_seq INTEGER NOT NULL,
    end_seq   INTEGER NOT NULL
) STRICT;

-- The index of closed segments: pairs (value, key of the row) of one field, in order, a few hundred
-- a row. Written once, in order; never changed.
CREATE TABLE chunks (
    field       INTEGER NOT NULL,
    segment     INTEGER NOT NULL,
    first_value INTEGER NOT NULL,
    first_key   INTEGER NOT NULL,
    pairs       BLOB    NOT NULL,
    PRIMARY KEY (field, segment, first_value, first_key)
) STRICT, WITHOUT ROWID;

-- Rows of closed segments that are not settled.
CREATE TABLE unsettled (
    standing INTEGER NOT NULL,
    seq      INTEGER NOT NULL,
    PRIMARY KEY (standing, seq)
) STRICT, WITHOUT ROWID;

-- Rows that never change lie in blocks of up to 64, one after the other in `bodies`; the key is the
-- first one's.
CREATE TABLE settlements (
    seq    INTEGER PRIMARY KEY,
    bodies BLOB    NOT NULL
) STRICT;

-- In blocks too; key = seq × 4 + part.
CREATE TABLE postings (
    key    INTEGER PRIMARY KEY,
    bodies BLOB    NOT NULL
) STRICT;

CREATE TABLE payouts (
    seq  INTEGER PRIMARY KEY,
    day  INTEGER NOT NULL,
    body BLOB    NOT NULL
) STRICT;

CREATE TABLE refusals (
    seq  INTEGER PRIMARY KEY,
    day  INTEGER NOT NULL,
    body BLOB    NOT NULL
) STRICT;

CREATE TABLE breaches (
    seq  INTEGER NOT NULL,
    part INTEGER NOT NULL,
    day  INTEGER NOT NULL,
    body BLOB    NOT NULL,
    PRIMARY KEY (seq, part)
) STRICT, WITHOUT ROWID;

CREATE TABLE signals (
    kind      INTEGER NOT NULL,
    day       INTEGER NOT NULL,
    seq       INTEGER NOT NULL,
    organiser INTEGER,
    account   INTEGER,
    body      BLOB    NOT NULL,
    PRIMARY KEY (kind, day, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE cards (
    kind    INTEGER NOT NULL,
    number  INTEGER NOT NULL,
    version INTEGER NOT NULL,
    body    BLOB    NOT NULL,
    PRIMARY KEY (kind, number, version)
) STRICT, WITHOUT ROWID;

-- In roll-ups, -1 stands for «none» in a key.
CREATE TABLE overviews (
    partition INTEGER NOT NULL,
    day       INTEGER NOT NULL,
    organiser INTEGER NOT NULL,
    desk_kind INTEGER NOT NULL,
    form      INTEGER NOT NULL,
    shape     INTEGER NOT NULL,
    stakes    INTEGER NOT NULL,
    staked_tiyn     INTEGER NOT NULL,
    combined        INTEGER NOT NULL,
    combined_tiyn   INTEGER NOT NULL,
    live            INTEGER NOT NULL,
    late            INTEGER NOT NULL,
    commission_tiyn INTEGER NOT NULL,
    settled         INTEGER NOT NULL,
    won             INTEGER NOT NULL,
    winnings_tiyn   INTEGER NOT NULL,
    refunded        INTEGER NOT NULL,
    refund_tiyn     INTEGER NOT NULL,
    tax_tiyn        INTEGER NOT NULL,
    corrections     INTEGER NOT NULL,
    payouts         INTEGER NOT NULL,
    paid_tiyn       INTEGER NOT NULL,
    PRIMARY KEY (partition, day, organiser, desk_kind, form, shape)
) STRICT, WITHOUT ROWID;

CREATE TABLE rollups (
    partition INTEGER NOT NULL,
    day       INTEGER NOT NULL,
    organiser INTEGER NOT NULL,
    desk_kind INTEGER NOT NULL,
    form      INTEGER NOT NULL,
    sport     INTEGER NOT NULL,
    championship INTEGER NOT NULL,
    shape     INTEGER NOT NULL,
    stakes    INTEGER NOT NULL,
    staked_tiyn     INTEGER NOT NULL,
    combined        INTEGER NOT NULL,
    combined_tiyn   INTEGER NOT NULL,
    live            INTEGER NOT NULL,
    late            INTEGER NOT NULL,
    commission_tiyn INTEGER NOT NULL,
    settled         INTEGER NOT NULL,
    won             INTEGER NOT NULL,
    winnings_tiyn   INTEGER NOT NULL,
    refunded        INTEGER NOT NULL,
    refund_tiyn     INTEGER NOT NULL,
    tax_tiyn        INTEGER NOT NULL,
    corrections     INTEGER NOT NULL,
    payouts         INTEGER NOT NULL,
    paid_tiyn       INTEGER NOT NULL,
    PRIMARY KEY (partition, day, organiser, desk_kind, form, sport, championship, shape)
) STRICT, WITHOUT ROWID;

CREATE TABLE refusal_counts (
    day       INTEGER NOT NULL,
    organiser INTEGER NOT NULL,
    reason    INTEGER NOT NULL,
    count     INTEGER NOT NULL,
    PRIMARY KEY (day, organiser, reason)
) STRICT, WITHOUT ROWID;

CREATE TABLE breach_counts (
    day       INTEGER NOT NULL,
    organiser INTEGER NOT NULL,
    reason    INTEGER NOT NULL,
    count     INTEGER NOT NULL,
    PRIMARY KEY (day, organiser, reason)
) STRICT, WITHOUT ROWID;

CREATE TABLE hours (
    day           INTEGER NOT NULL,
    hour          INTEGER NOT NULL,
    organiser     INTEGER NOT NULL,
    desk_kind     INTEGER NOT NULL,
    form          INTEGER NOT NULL,
    stakes        INTEGER NOT NULL,
    staked_tiyn   INTEGER NOT NULL,
    winnings_tiyn INTEGER NOT NULL,
    paid_tiyn     INTEGER NOT NULL,
    refused       INTEGER NOT NULL,
    PRIMARY KEY (day, hour, organiser, desk_kind, form)
) STRICT, WITHOUT ROWID;

CREATE TABLE desk_days (
    day         INTEGER NOT NULL,
    organiser   INTEGER NOT NULL,
    desk        INTEGER NOT NULL,
    form        INTEGER NOT NULL,
    stakes      INTEGER NOT NULL,
    staked_tiyn INTEGER NOT NULL,
    payouts     INTEGER NOT NULL,
    paid_tiyn   INTEGER NOT NULL,
    PRIMARY KEY (day, organiser, desk, form)
) STRICT, WITHOUT ROWID;

-- `difference` is the day of a difference to a final quarter, or -1000000 where it was provisional.
CREATE TABLE quarters (
    quarter        INTEGER NOT NULL,
    difference     INTEGER NOT NULL,
    organiser      INTEGER NOT NULL,
    subject_kind   INTEGER NOT NULL,
    subject_number INTEGER NOT NULL,
    stakes         INTEGER NOT NULL,
    staked_tiyn    INTEGER NOT NULL,
    combined       INTEGER NOT NULL,
    combined_tiyn  INTEGER NOT NULL,
    refunded       INTEGER NOT NULL,
    refund_tiyn    INTEGER NOT NULL,
    PRIMARY KEY (quarter, difference, organiser, subject_kind, subject_number)
) STRICT, WITHOUT ROWID;

CREATE TABLE unpaid (
    organiser INTEGER NOT NULL,
    desk      INTEGER NOT NULL,
    unpaid    INTEGER NOT NULL,
    day       INTEGER NOT NULL,
    bets      INTEGER NOT NULL,
    sum_tiyn  INTEGER NOT NULL,
    PRIMARY KEY (organiser, desk, unpaid, day)
) STRICT, WITHOUT ROWID;

-- `totals` is empty before the first step.
CREATE TABLE meta (
    one            INTEGER PRIMARY KEY CHECK (one = 1),
    schema_version INTEGER NOT NULL,
    cursor         INTEGER NOT NULL,
    totals         BLOB    NOT NULL
) STRICT;

INSERT INTO meta (one, schema_version, cursor, totals) VALUES (1, 0, 0, x'');
