INSERT INTO vault.items (reference, item, kind, version, epoch, sealed)
VALUES ($1, $2, $3, $4, $5, $6)
