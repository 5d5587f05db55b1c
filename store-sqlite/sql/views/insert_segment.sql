INSERT INTO segments (number, first_seq, end_seq)
VALUES (?1, ?2, ?3);
