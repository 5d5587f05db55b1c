INSERT INTO account (id, balance) VALUES (?1, ?2);
