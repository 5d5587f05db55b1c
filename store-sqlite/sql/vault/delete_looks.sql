DELETE FROM looks WHERE reference = ?1;
