SELECT body FROM bej_views.bets WHERE seq >= $1 ORDER BY seq LIMIT $2
