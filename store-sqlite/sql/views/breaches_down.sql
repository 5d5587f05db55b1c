SELECT seq, part, at_ns, day, organiser, bet_seq, reason
FROM breaches
WHERE seq >= ?1 AND seq < ?2
ORDER BY seq DESC, part DESC;
