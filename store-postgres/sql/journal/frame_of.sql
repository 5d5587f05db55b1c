SELECT number, first_seq, bytes FROM bej.frames
WHERE first_seq <= $1 ORDER BY first_seq DESC, number DESC LIMIT 1
