SELECT bytes FROM bets WHERE bet = ?1 AND organiser = ?2;
