SELECT number FROM bej.frames ORDER BY number DESC LIMIT 1
