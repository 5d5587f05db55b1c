UPDATE bets SET standing = ?2, body = ?3, spare = zeroblob(?4) WHERE seq = ?1;
