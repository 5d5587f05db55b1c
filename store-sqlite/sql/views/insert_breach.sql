INSERT INTO breaches (seq, part, day, body) VALUES (?1, ?2, ?3, ?4);
