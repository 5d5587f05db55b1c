DELETE FROM unsettled WHERE standing = ?1 AND seq = ?2;
