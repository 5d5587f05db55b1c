INSERT INTO settlements (seq, bodies) VALUES (?1, ?2);
