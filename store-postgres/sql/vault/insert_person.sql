INSERT INTO vault.persons (reference, state, number, made_ns, ordered) VALUES ($1, $2, $3, $4, $5)
