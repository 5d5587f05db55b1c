SELECT reference, state, number, made_ns, ordered FROM vault.persons
WHERE number = ANY ($1) ORDER BY number FOR UPDATE
