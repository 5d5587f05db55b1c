SELECT item, kind, version FROM items WHERE reference = ?1 ORDER BY item;
