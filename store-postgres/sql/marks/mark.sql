SELECT version, bytes FROM bej.marks WHERE name = $1
