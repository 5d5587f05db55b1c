SELECT seq, digest FROM ids WHERE id = ?1 AND sender = ?2;
