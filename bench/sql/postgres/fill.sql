INSERT INTO account (id, opening, balance)
SELECT id, CASE WHEN id < $1::bigint THEN $3::bigint ELSE 0 END,
       CASE WHEN id < $1::bigint THEN $3::bigint ELSE 0 END
FROM generate_series(0, $2::bigint - 1) AS id
