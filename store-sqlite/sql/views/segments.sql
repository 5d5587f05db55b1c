SELECT number, first_seq, end_seq FROM segments ORDER BY number;
