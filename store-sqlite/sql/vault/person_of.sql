SELECT reference, state, number, made_ns, ordered FROM persons WHERE number = ?1;
