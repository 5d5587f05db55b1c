SELECT seq, day FROM refusals WHERE seq >= ?1 ORDER BY seq LIMIT 1;
