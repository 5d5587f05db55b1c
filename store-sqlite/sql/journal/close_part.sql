UPDATE meta SET closed = 1 WHERE one = 1;
