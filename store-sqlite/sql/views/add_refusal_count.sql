INSERT INTO refusal_counts (day, organiser, reason, count)
VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (day, organiser, reason) DO UPDATE SET
    count = count + excluded.count;
