COPY bej_views.postings (key, utc_day, debit, credit, kind, at_ns, amount_tiyn,
    debit_balance_tiyn, credit_balance_tiyn, bet_seq, body)
FROM STDIN BINARY
