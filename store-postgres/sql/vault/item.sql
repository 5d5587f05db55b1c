SELECT reference, item, kind, version, epoch, sealed FROM vault.items
WHERE reference = $1 AND item = $2
