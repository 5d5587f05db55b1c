DELETE FROM items WHERE reference = ?1;
