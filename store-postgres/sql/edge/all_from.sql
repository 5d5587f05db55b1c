SELECT area, key, value, version, expires_ns FROM edge.edge
WHERE ($1, $2) < (area, key) ORDER BY area, key LIMIT $3
