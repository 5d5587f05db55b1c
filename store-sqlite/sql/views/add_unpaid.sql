INSERT INTO unpaid (organiser, desk, unpaid, day, bets, sum_tiyn)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (organiser, desk, unpaid, day) DO UPDATE SET
    bets = bets + excluded.bets,
    sum_tiyn = sum_tiyn + excluded.sum_tiyn;
