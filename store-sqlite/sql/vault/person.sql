SELECT reference, state, number, made_ns, ordered FROM persons WHERE reference = ?1;
