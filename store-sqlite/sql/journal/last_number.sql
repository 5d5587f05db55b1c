SELECT number FROM frames ORDER BY number DESC LIMIT 1;
