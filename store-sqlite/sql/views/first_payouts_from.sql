SELECT seq, day FROM payouts WHERE seq >= ?1 ORDER BY seq LIMIT 1;
