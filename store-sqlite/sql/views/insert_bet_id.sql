INSERT INTO bet_ids (bet, seq, organiser)
VALUES (?1, ?2, ?3);
