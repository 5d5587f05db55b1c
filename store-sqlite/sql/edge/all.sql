SELECT area, key, value, version, expires_ns FROM edge ORDER BY area, key;
