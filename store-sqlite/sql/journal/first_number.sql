SELECT number, first_seq FROM frames ORDER BY number LIMIT 1;
