INSERT OR IGNORE INTO keys (epoch, reference, sealed, entries)
SELECT ?1, ?2, ?3, ?4 FROM keys WHERE epoch = ?5 AND reference = ?2;
