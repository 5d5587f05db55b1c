SELECT number, first_seq, bytes FROM frames ORDER BY number DESC LIMIT 1;
