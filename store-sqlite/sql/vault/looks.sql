SELECT reference, seq, sealed FROM looks
WHERE reference = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3;
