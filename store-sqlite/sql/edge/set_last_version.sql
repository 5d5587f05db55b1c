UPDATE meta SET last_version = max(last_version, ?1) WHERE one = 1;
