SELECT reference, item, kind, version, epoch, sealed FROM vault.items
WHERE ($1, $2) < (reference, item) ORDER BY reference, item LIMIT $3
