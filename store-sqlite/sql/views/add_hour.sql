INSERT INTO hours
    (day, hour, organiser, desk_kind, form, stakes, staked_tiyn, winnings_tiyn, paid_tiyn, refused)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
ON CONFLICT (day, hour, organiser, desk_kind, form) DO UPDATE SET
    stakes        = stakes + excluded.stakes,
    staked_tiyn   = staked_tiyn + excluded.staked_tiyn,
    winnings_tiyn = winnings_tiyn + excluded.winnings_tiyn,
    paid_tiyn     = paid_tiyn + excluded.paid_tiyn,
    refused       = refused + excluded.refused;
