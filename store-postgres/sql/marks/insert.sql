INSERT INTO bej.marks (name, version, bytes) VALUES ($1, 1, $2)
ON CONFLICT (name) DO NOTHING
