SELECT reference, state, number, made_ns, ordered FROM vault.persons WHERE reference = $1 FOR UPDATE
