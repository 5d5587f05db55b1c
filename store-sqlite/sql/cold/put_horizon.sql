INSERT INTO horizon (sender, ms) VALUES (?1, ?2)
ON CONFLICT (sender) DO UPDATE SET ms = excluded.ms WHERE horizon.ms < excluded.ms;
