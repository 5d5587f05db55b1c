UPDATE vault.persons SET state = $2, number = $3, ordered = $4 WHERE reference = $1
