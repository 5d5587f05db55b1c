-- 3 is «settled».
INSERT INTO unsettled (standing, seq)
SELECT standing, seq FROM bets
WHERE seq >= ?1 AND seq < ?2 AND standing <> 3
ORDER BY standing, seq;
