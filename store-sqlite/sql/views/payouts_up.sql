SELECT seq, bet_seq, bet, organiser, account, desk, form, paid_at_ns, at_ns, day, amount_tiyn,
    refund_tiyn, late
FROM payouts
WHERE seq >= ?1
ORDER BY seq
LIMIT ?2;
