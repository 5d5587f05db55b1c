INSERT INTO bej.frames (number, first_seq, hash, bytes)
SELECT $1, $2, $3, $4
WHERE $1::bigint = 1 OR EXISTS (SELECT FROM bej.frames WHERE number = $1 - 1 AND hash = $5)
ON CONFLICT (number) DO NOTHING
