INSERT INTO bej.snapshots (seq, part, bytes) VALUES ($1, $2, $3)
