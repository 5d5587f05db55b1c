SELECT body FROM bets WHERE seq >= ?1 ORDER BY seq LIMIT ?2;
