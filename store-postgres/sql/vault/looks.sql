SELECT reference, seq, sealed FROM vault.looks
WHERE reference = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3
