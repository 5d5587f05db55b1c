SELECT epochs_version FROM meta WHERE one = 1;
