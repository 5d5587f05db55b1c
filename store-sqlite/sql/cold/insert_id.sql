INSERT INTO ids (id, sender, seq, digest) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (id, sender) DO NOTHING;
