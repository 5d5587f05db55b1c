SELECT seq, bet_seq, organiser, corrects, settled_at_ns, settled_day, computed_at_ns, basis,
    result, gross_tiyn, of_which_stake_tiyn, refund_tiyn, tax_tiyn, net_due_tiyn,
    gross_computed_tiyn, reason
FROM settlements
WHERE seq = ?1;
