SELECT epoch, reference, sealed, entries FROM keys ORDER BY epoch, reference;
