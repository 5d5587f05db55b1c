INSERT INTO bets (bet, organiser, seq, bytes) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (bet, organiser) DO UPDATE SET seq = excluded.seq, bytes = excluded.bytes
WHERE bets.seq <= excluded.seq;
