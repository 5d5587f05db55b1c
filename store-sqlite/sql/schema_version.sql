SELECT schema_version FROM meta WHERE one = 1;
