SELECT bets.seq, bets.account, bets.organiser, bets.desk, bets.standing, bets.amount_tiyn,
    bets.legs, bets.day, bets.at_ns, bets.bet, bets.desk_kind, bets.form, bets.shape,
    bets.price, bets.sport, bets.championship, bets.live, bets.late, bets.made_at_ns,
    bets.made_day, bets.commission_tiyn, bets.hold, bets.paid_tiyn, bets.repaid_tiyn,
    bets.waiting, bets.breaches, bets.last, bets.settled, bets.settled_at_ns, bets.settled_day,
    bets.computed_at_ns, bets.basis, bets.result, bets.gross_tiyn, bets.of_which_stake_tiyn,
    bets.refund_tiyn, bets.tax_tiyn, bets.net_due_tiyn
FROM bet_ids JOIN bets ON bets.seq = bet_ids.seq
WHERE bet_ids.bet = ?1 AND bet_ids.organiser = ?2
ORDER BY bet_ids.seq DESC
LIMIT 1;
