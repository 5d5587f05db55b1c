SELECT day, organiser, reason, count
FROM refusal_counts
WHERE day >= ?1 AND day < ?2
ORDER BY day, organiser, reason;
