SELECT body FROM bets WHERE seq = ?1;
