DELETE FROM vault.persons WHERE reference = $1
