DELETE FROM vault.keys WHERE epoch = ANY ($1) AND reference = ANY ($2)
