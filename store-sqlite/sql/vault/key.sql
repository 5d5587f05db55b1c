SELECT epoch, reference, sealed, entries FROM keys WHERE epoch = ?1 AND reference = ?2;
