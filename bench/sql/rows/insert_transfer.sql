INSERT INTO transfer (id, debit, credit, amount, at, code) VALUES (?1, ?2, ?3, ?4, ?5, ?6);
