SELECT seq FROM bet_ids WHERE bet <= ?1 ORDER BY bet DESC, seq DESC;
