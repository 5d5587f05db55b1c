DELETE FROM persons WHERE reference = ?1;
