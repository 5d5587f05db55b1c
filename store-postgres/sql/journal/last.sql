SELECT number, first_seq, bytes FROM bej.frames ORDER BY number DESC LIMIT 1
