INSERT INTO edge (area, key, value, version, expires_ns) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (area, key) DO UPDATE SET
    value = excluded.value, version = excluded.version, expires_ns = excluded.expires_ns;
