SELECT bodies FROM postings
WHERE key >= coalesce((SELECT max(key) FROM postings WHERE key <= ?1), ?1) AND key < ?2
ORDER BY key DESC;
