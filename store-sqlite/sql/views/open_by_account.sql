SELECT seq FROM bets WHERE seq >= ?1 AND seq < ?2 AND account = ?3 ORDER BY seq;
