SELECT reference FROM vault.entries
WHERE epoch = $1 AND field = $2 AND hash = $3 ORDER BY reference LIMIT $4
