DELETE FROM keys WHERE epoch = ?1 AND reference = ?2;
