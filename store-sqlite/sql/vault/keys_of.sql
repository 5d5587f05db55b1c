SELECT epoch, reference, sealed, entries FROM keys
WHERE epoch IN (SELECT epoch FROM epochs) AND reference = ?1 ORDER BY epoch;
