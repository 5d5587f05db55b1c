SELECT count(*) FROM bets WHERE seq >= ?1;
