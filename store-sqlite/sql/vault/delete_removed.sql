DELETE FROM removed WHERE epoch = ?1 AND field = ?2 AND hash = ?3 AND reference = ?4;
