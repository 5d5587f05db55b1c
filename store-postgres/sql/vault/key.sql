SELECT epoch, reference, sealed, entries FROM vault.keys WHERE epoch = $1 AND reference = $2
