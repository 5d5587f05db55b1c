INSERT INTO frames (number, first_seq, bytes) VALUES (?1, ?2, ?3);
