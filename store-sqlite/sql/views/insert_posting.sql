INSERT INTO postings (key, debit, credit, at_ns, kind, amount_tiyn, debit_balance_tiyn,
    credit_balance_tiyn, debit_previous, credit_previous, bet_seq)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11);
