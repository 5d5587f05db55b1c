-- Up to the last of so many, in the order of the key: one range of the tree.
DELETE FROM entries WHERE epoch = ?1 AND (field, hash, reference) <=
    (SELECT field, hash, reference
     FROM (SELECT field, hash, reference FROM entries WHERE epoch = ?1
           ORDER BY field, hash, reference LIMIT ?2)
     ORDER BY field DESC, hash DESC, reference DESC LIMIT 1);
