SELECT epoch, phase, sealed, progress FROM vault.epochs ORDER BY epoch
