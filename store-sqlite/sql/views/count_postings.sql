SELECT count(*) FROM postings WHERE key >= ?1;
