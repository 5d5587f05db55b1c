INSERT INTO chunks (field, segment, first_value, first_key, pairs)
VALUES (?1, ?2, ?3, ?4, ?5);
