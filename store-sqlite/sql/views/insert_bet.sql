INSERT INTO bets (seq, account, organiser, desk, standing, amount_tiyn, day, at_ns, body, spare)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, zeroblob(?10));
