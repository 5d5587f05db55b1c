UPDATE meta SET part = ?1 WHERE one = 1;
