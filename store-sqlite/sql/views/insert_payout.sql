INSERT INTO payouts (seq, bet_seq, bet, organiser, account, desk, form, paid_at_ns, at_ns, day,
    amount_tiyn, refund_tiyn, late)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13);
