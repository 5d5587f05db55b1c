INSERT INTO settlements (seq, bet_seq, organiser, corrects, settled_at_ns, settled_day,
    computed_at_ns, basis, result, gross_tiyn, of_which_stake_tiyn, refund_tiyn, tax_tiyn,
    net_due_tiyn, gross_computed_tiyn, reason)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16);
