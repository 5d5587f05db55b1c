SELECT version FROM items WHERE reference = ?1 AND item = ?2;
