UPDATE bej.marks SET version = version + 1, bytes = $3 WHERE name = $1 AND version = $2
