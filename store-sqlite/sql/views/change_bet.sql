UPDATE bets SET standing = ?2, legs = ?3, paid_tiyn = ?4, repaid_tiyn = ?5, waiting = ?6,
    breaches = ?7, last = ?8, settled = ?9, settled_at_ns = ?10, settled_day = ?11,
    computed_at_ns = ?12, basis = ?13, result = ?14, gross_tiyn = ?15,
    of_which_stake_tiyn = ?16, refund_tiyn = ?17, tax_tiyn = ?18, net_due_tiyn = ?19,
    spare = zeroblob(?20)
WHERE seq = ?1;
