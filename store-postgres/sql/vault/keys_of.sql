SELECT epoch, reference, sealed, entries FROM vault.keys
WHERE epoch = ANY ($1) AND reference = ANY ($2) ORDER BY epoch, reference
