INSERT INTO vault.removed (epoch, field, hash, reference)
SELECT epoch, field, hash, reference
FROM unnest($1::bigint[], $2::smallint[], $3::bytea[], $4::bytea[])
    AS new (epoch, field, hash, reference)
ON CONFLICT (epoch, field, hash, reference) DO NOTHING
