SELECT body FROM bej_views.bets WHERE seq = $1 AND day = DATE '1970-01-01' + $2::int
