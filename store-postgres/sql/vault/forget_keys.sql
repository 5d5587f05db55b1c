DELETE FROM vault.keys WHERE epoch = $1 AND reference IN
    (SELECT reference FROM vault.keys WHERE epoch = $1 ORDER BY reference LIMIT $2)
