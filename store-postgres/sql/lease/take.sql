UPDATE bej.lease
SET term = term + 1, node = $1, api = $2, console = $3,
    until = clock_timestamp() + $4 * interval '1 millisecond'
WHERE until <= clock_timestamp()
RETURNING term
