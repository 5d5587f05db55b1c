SELECT seq, at_ns, day FROM bets WHERE seq >= ?1 ORDER BY seq LIMIT 1;
