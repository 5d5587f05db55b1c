SELECT day, organiser, desk, form, stakes, staked_tiyn, payouts, paid_tiyn
FROM desk_days
WHERE day >= ?1 AND day < ?2 AND (?3 IS NULL OR organiser = ?3)
ORDER BY day, organiser, desk, form;
