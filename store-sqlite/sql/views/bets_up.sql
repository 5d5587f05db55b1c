SELECT body FROM bets WHERE seq >= ?1 AND seq < ?2 ORDER BY seq;
