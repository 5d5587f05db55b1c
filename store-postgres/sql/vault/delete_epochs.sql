DELETE FROM vault.epochs
