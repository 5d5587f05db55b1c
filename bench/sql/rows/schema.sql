CREATE TABLE account (
    id      INTEGER PRIMARY KEY,
    balance INTEGER NOT NULL
) STRICT;
-- Keyed by the time-ordered id itself, so that uniqueness costs no second tree.
CREATE TABLE transfer (
    id     BLOB PRIMARY KEY,
    debit  INTEGER NOT NULL,
    credit INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    code   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
