SELECT key, debit, credit FROM postings WHERE key >= ?1 AND key < ?2 ORDER BY key;
