SELECT seq, at_ns, day, sender, id, reason, account, report, count
FROM refusals
WHERE seq >= ?1 AND seq < ?2
ORDER BY seq DESC;
