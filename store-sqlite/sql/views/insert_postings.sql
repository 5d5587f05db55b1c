INSERT INTO postings (key, bodies) VALUES (?1, ?2);
