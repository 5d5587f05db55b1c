SELECT body FROM payouts WHERE seq >= ?1 ORDER BY seq LIMIT ?2;
