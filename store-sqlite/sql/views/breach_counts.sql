SELECT day, organiser, reason, count
FROM breach_counts
WHERE day >= ?1 AND day < ?2
ORDER BY day, organiser, reason;
