SELECT first_seq FROM bej_views.days WHERE kind = $1 AND day >= $2 ORDER BY day LIMIT 1
