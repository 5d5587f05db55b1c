SELECT reference, state, number, made_ns, ordered FROM vault.persons
WHERE state = 1 AND $1 < reference AND made_ns < $3 ORDER BY reference LIMIT $2
