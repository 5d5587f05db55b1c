SELECT key FROM postings WHERE key >= ?1 ORDER BY key LIMIT 1 OFFSET ?2;
