INSERT INTO signals (kind, day, seq, organiser, account, body)
VALUES (?1, ?2, ?3, ?4, ?5, ?6);
