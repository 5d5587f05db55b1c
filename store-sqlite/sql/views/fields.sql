SELECT seq, account, organiser, desk, amount_tiyn, legs FROM bets
WHERE seq >= ?1 AND seq < ?2
ORDER BY seq;
