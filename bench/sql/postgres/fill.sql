INSERT INTO account (id, opening, balance)
SELECT id, CASE WHEN id < $1 THEN $3 ELSE 0 END, CASE WHEN id < $1 THEN $3 ELSE 0 END
FROM generate_series(0, $2 - 1) AS id
