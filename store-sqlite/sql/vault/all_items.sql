SELECT reference, item, kind, version, epoch, sealed FROM items ORDER BY reference, item;
