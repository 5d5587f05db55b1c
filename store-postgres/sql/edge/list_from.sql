SELECT area, key, value, version, expires_ns FROM edge.edge
WHERE area = $1 AND $2 <= key AND (expires_ns IS NULL OR $3 < expires_ns)
ORDER BY area, key LIMIT $4
