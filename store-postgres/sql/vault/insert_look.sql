INSERT INTO vault.looks (reference, seq, sealed) VALUES ($1, $2, $3)
ON CONFLICT (reference, seq) DO NOTHING
