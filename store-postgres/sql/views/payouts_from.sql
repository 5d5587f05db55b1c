SELECT body FROM bej_views.payouts WHERE seq >= $1 ORDER BY seq LIMIT $2
