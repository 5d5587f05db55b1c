SELECT body FROM bets
WHERE seq = (
    SELECT seq FROM bet_ids WHERE bet = ?1 AND organiser = ?2 ORDER BY seq DESC LIMIT 1
);
