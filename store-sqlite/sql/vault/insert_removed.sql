INSERT OR IGNORE INTO removed (epoch, field, hash, reference) VALUES (?1, ?2, ?3, ?4);
