SELECT area, key, value, version, expires_ns FROM edge
WHERE area = ?1 AND ?2 <= key ORDER BY key;
