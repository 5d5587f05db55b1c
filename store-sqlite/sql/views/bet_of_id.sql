SELECT seq, account, organiser, desk, standing, amount_tiyn, legs, day, at_ns, bet, desk_kind,
    form, shape, price, sport, championship, live, late, made_at_ns, made_day, commission_tiyn,
    hold, paid_tiyn, repaid_tiyn, waiting, breaches, last, settled, settled_at_ns, settled_day,
    computed_at_ns, basis, result, gross_tiyn, of_which_stake_tiyn, refund_tiyn, tax_tiyn,
    net_due_tiyn
FROM bets
WHERE seq = (
    SELECT seq FROM bet_ids WHERE bet = ?1 AND organiser = ?2 ORDER BY seq DESC LIMIT 1
);
