SELECT quarter, difference, organiser, subject_kind, subject_number, stakes, staked_tiyn,
    combined, combined_tiyn, refunded, refund_tiyn
FROM quarters
WHERE quarter = ?1
ORDER BY difference, organiser, subject_kind, subject_number;
