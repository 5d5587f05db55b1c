INSERT INTO cards (kind, number, version, body) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (kind, number, version) DO UPDATE SET body = excluded.body;
