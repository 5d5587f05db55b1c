SELECT first_value, first_key, pairs FROM chunks
WHERE field = ?1 AND segment = ?2 AND (first_value, first_key) > (?3, ?4)
ORDER BY first_value, first_key
LIMIT 1;
