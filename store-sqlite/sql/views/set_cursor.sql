UPDATE meta SET cursor = ?1, totals = ?2 WHERE one = 1;
