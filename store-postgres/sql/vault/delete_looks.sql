DELETE FROM vault.looks WHERE reference = ANY ($1)
