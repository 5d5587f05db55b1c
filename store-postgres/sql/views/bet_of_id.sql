SELECT bets.body
FROM (SELECT seq, day FROM bej_views.bet_ids
      WHERE bet = $1 AND organiser = $2 ORDER BY seq DESC LIMIT 1) AS found
JOIN bej_views.bets ON bets.seq = found.seq AND bets.day = found.day
