DELETE FROM chunks WHERE field = ?1 AND segment = ?2;
