SELECT body FROM bej_views.breaches
WHERE seq >= $1 AND seq < $2 ORDER BY seq DESC, part DESC LIMIT $3
