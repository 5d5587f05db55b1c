INSERT OR IGNORE INTO entries (epoch, field, hash, reference) VALUES (?1, ?2, ?3, ?4);
