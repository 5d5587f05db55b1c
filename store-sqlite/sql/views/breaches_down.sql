SELECT body FROM breaches WHERE seq >= ?1 AND seq < ?2 ORDER BY seq DESC, part DESC;
