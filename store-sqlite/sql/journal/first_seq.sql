SELECT first_seq FROM frames WHERE number = ?1;
