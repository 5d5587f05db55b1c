SELECT reference, state, number, made_ns, ordered FROM vault.persons WHERE number = $1
