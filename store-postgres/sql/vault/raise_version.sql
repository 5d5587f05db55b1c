UPDATE vault.state SET epochs_version = epochs_version + 1 WHERE one = 1 AND epochs_version = $1
