SELECT bodies FROM settlements
WHERE seq >= coalesce((SELECT max(seq) FROM settlements WHERE seq <= ?1), ?1) AND seq < ?2
ORDER BY seq;
