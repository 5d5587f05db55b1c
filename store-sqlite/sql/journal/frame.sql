SELECT number, first_seq, bytes FROM frames WHERE number = ?1;
