DELETE FROM vault.items WHERE reference = ANY ($1)
