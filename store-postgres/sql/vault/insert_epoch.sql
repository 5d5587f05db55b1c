INSERT INTO vault.epochs (epoch, phase, sealed, progress) VALUES ($1, $2, $3, $4)
