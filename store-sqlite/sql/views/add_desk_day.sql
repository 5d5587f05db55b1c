INSERT INTO desk_days (day, organiser, desk, form, stakes, staked_tiyn, payouts, paid_tiyn)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
ON CONFLICT (day, organiser, desk, form) DO UPDATE SET
    stakes      = stakes + excluded.stakes,
    staked_tiyn = staked_tiyn + excluded.staked_tiyn,
    payouts     = payouts + excluded.payouts,
    paid_tiyn   = paid_tiyn + excluded.paid_tiyn;
