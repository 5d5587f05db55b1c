SELECT epoch, reference, sealed, entries FROM vault.keys
WHERE epoch = $1 AND $2 < reference ORDER BY reference LIMIT $3
