SELECT item, kind, version FROM vault.items WHERE reference = $1 ORDER BY item
