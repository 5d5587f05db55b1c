SELECT day, hour, organiser, desk_kind, form,
    stakes, staked_tiyn, winnings_tiyn, paid_tiyn, refused
FROM hours
WHERE day >= ?1 AND day < ?2 AND (?3 IS NULL OR organiser = ?3)
ORDER BY day, hour, organiser, desk_kind, form;
