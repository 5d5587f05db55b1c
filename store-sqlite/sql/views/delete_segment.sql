DELETE FROM segments WHERE number = ?1;
