DELETE FROM vault.items WHERE reference = $1 AND item = $2
