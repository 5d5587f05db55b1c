INSERT INTO quarters (quarter, difference, organiser, subject_kind, subject_number, stakes,
    staked_tiyn, combined, combined_tiyn, refunded, refund_tiyn)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
ON CONFLICT (quarter, difference, organiser, subject_kind, subject_number) DO UPDATE SET
    stakes = stakes + excluded.stakes,
    staked_tiyn = staked_tiyn + excluded.staked_tiyn,
    combined = combined + excluded.combined,
    combined_tiyn = combined_tiyn + excluded.combined_tiyn,
    refunded = refunded + excluded.refunded,
    refund_tiyn = refund_tiyn + excluded.refund_tiyn;
