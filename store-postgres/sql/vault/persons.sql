SELECT reference, state, number, made_ns, ordered FROM vault.persons
WHERE $1 < reference ORDER BY reference LIMIT $2
