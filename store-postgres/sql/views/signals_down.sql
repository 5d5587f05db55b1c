SELECT body FROM bej_views.signals
WHERE kind = $1 AND day >= $2 AND day < $3 AND seq < $4
  AND ($5::bigint IS NULL OR organiser = $5) AND ($6::bigint IS NULL OR account = $6)
ORDER BY day DESC, seq DESC LIMIT $7
