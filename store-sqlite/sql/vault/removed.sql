SELECT epoch, field, hash, reference FROM removed
ORDER BY epoch, field, hash, reference LIMIT ?1;
