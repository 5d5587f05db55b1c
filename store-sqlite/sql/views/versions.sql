SELECT kind, body FROM cards WHERE kind = ?1 AND number = ?2 ORDER BY version;
