SELECT bets.body
FROM unnest($1::uuid[], $2::bigint[]) AS asked (bet, organiser)
CROSS JOIN LATERAL (SELECT seq, day FROM bej_views.bet_ids
                    WHERE bet = asked.bet AND organiser = asked.organiser
                    ORDER BY seq DESC LIMIT 1) AS found
JOIN bej_views.bets ON bets.seq = found.seq AND bets.day = found.day
