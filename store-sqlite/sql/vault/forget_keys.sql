DELETE FROM keys WHERE epoch = ?1 AND reference IN
    (SELECT reference FROM keys WHERE epoch = ?1 ORDER BY reference LIMIT ?2);
