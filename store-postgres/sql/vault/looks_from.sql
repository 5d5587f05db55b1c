SELECT reference, seq, sealed FROM vault.looks
WHERE ($1, $2) < (reference, seq) ORDER BY reference, seq LIMIT $3
