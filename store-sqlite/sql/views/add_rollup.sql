INSERT INTO rollups (partition, day, organiser, desk_kind, form, sport, championship, shape,
    stakes, staked_tiyn, combined, combined_tiyn, live, late, commission_tiyn, settled, won,
    winnings_tiyn, refunded, refund_tiyn, tax_tiyn, corrections, payouts, paid_tiyn)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19,
    ?20, ?21, ?22, ?23, ?24)
ON CONFLICT (partition, day, organiser, desk_kind, form, sport, championship, shape) DO UPDATE SET
    stakes = stakes + excluded.stakes,
    staked_tiyn = staked_tiyn + excluded.staked_tiyn,
    combined = combined + excluded.combined,
    combined_tiyn = combined_tiyn + excluded.combined_tiyn,
    live = live + excluded.live,
    late = late + excluded.late,
    commission_tiyn = commission_tiyn + excluded.commission_tiyn,
    settled = settled + excluded.settled,
    won = won + excluded.won,
    winnings_tiyn = winnings_tiyn + excluded.winnings_tiyn,
    refunded = refunded + excluded.refunded,
    refund_tiyn = refund_tiyn + excluded.refund_tiyn,
    tax_tiyn = tax_tiyn + excluded.tax_tiyn,
    corrections = corrections + excluded.corrections,
    payouts = payouts + excluded.payouts,
    paid_tiyn = paid_tiyn + excluded.paid_tiyn;
