SELECT hash, reference FROM vault.entries
WHERE epoch = $1 AND field = $2 AND ($3, $4) < (hash, reference)
ORDER BY hash, reference LIMIT $5
