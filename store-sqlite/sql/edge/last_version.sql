SELECT last_version FROM meta WHERE one = 1;
