DELETE FROM vault.entries WHERE epoch = $1 AND (field, hash, reference) IN
    (SELECT field, hash, reference FROM vault.entries WHERE epoch = $1
     ORDER BY field, hash, reference LIMIT $2)
