SELECT epoch, field, hash, reference FROM vault.removed
ORDER BY epoch, field, hash, reference LIMIT $1 FOR UPDATE
