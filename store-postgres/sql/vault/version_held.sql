SELECT epochs_version FROM vault.state WHERE one = 1 FOR SHARE
