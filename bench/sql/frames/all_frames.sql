SELECT body FROM frame ORDER BY seq;
