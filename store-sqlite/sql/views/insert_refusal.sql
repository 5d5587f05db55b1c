INSERT INTO refusals (seq, day, body) VALUES (?1, ?2, ?3);
