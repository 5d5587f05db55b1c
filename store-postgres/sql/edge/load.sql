INSERT INTO edge.edge (area, key, value, version, expires_ns) VALUES ($1, $2, $3, $4, $5)
