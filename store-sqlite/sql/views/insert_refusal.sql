INSERT INTO refusals (seq, at_ns, day, sender, id, reason, account, report, count)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9);
