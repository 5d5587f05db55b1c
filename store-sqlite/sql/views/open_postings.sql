SELECT key, debit, credit, at_ns, kind, amount_tiyn, debit_balance_tiyn, credit_balance_tiyn,
    debit_previous, credit_previous, bet_seq
FROM postings
WHERE key >= ?1 AND key < ?2 AND (debit = ?3 OR credit = ?3)
ORDER BY key DESC
LIMIT ?4;
