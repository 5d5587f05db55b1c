INSERT INTO vault.keys (epoch, reference, sealed, entries)
SELECT $1, new.reference, new.sealed, new.entries
FROM unnest($3::bytea[], $4::bytea[], $5::bytea[]) AS new (reference, sealed, entries)
JOIN vault.keys AS old ON old.epoch = $2 AND old.reference = new.reference
ON CONFLICT (epoch, reference) DO NOTHING
