INSERT INTO payouts (seq, day, body) VALUES (?1, ?2, ?3);
