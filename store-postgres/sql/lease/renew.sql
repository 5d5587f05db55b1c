UPDATE bej.lease SET until = clock_timestamp() + $2 * interval '1 millisecond'
WHERE term = $1 AND term > 0
