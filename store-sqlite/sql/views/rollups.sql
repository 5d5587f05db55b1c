SELECT partition, day, organiser, desk_kind, form, sport, championship, shape, stakes,
    staked_tiyn, combined, combined_tiyn, live, late, commission_tiyn, settled, won,
    winnings_tiyn, refunded, refund_tiyn, tax_tiyn, corrections, payouts, paid_tiyn
FROM rollups
WHERE partition = ?1 AND day >= ?2 AND day < ?3 AND (?4 IS NULL OR organiser = ?4)
ORDER BY partition, day, organiser, desk_kind, form, sport, championship, shape;
