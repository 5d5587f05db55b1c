INSERT INTO vault.keys (epoch, reference, sealed, entries) VALUES ($1, $2, $3, $4)
