SELECT octet_length(bytes) FROM bej.frames WHERE number > $1 ORDER BY number LIMIT $2
