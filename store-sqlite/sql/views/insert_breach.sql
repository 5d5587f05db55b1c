INSERT INTO breaches (seq, part, at_ns, day, organiser, bet_seq, reason)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7);
