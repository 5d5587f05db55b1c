SELECT seq, day FROM breaches WHERE seq >= ?1 ORDER BY seq LIMIT 1;
