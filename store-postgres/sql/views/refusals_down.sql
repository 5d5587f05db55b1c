SELECT body FROM bej_views.refusals WHERE seq >= $1 AND seq < $2 ORDER BY seq DESC LIMIT $3
