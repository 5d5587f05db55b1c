INSERT OR IGNORE INTO looks (reference, seq, sealed) VALUES (?1, ?2, ?3);
