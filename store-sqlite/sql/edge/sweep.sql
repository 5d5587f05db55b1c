DELETE FROM edge WHERE rowid IN
    (SELECT rowid FROM edge WHERE expires_ns <= ?1 ORDER BY expires_ns LIMIT ?2);
