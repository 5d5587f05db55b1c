INSERT INTO unsettled (standing, seq)
VALUES (?1, ?2);
