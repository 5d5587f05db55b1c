INSERT INTO edge.edge AS old (area, key, value, version, expires_ns)
VALUES ($1, $2, $3, nextval('edge.versions'), $4)
ON CONFLICT (area, key) DO UPDATE SET
    value = excluded.value, version = excluded.version, expires_ns = excluded.expires_ns
WHERE old.expires_ns <= $5
RETURNING version
