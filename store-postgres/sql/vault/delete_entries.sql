DELETE FROM vault.entries AS old
USING unnest($1::bigint[], $2::smallint[], $3::bytea[], $4::bytea[])
    AS gone (epoch, field, hash, reference)
WHERE old.epoch = gone.epoch AND old.field = gone.field AND old.hash = gone.hash
    AND old.reference = gone.reference
