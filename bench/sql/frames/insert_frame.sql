INSERT INTO frame (seq, body) VALUES (?1, ?2);
