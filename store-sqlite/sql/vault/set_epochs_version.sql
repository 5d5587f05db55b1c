UPDATE meta SET epochs_version = ?1 WHERE one = 1;
