UPDATE meta SET cursor = ?1 WHERE one = 1;
