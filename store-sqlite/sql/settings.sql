-- Checkpoints are run by hand, never within a commit. A damaged page is refused when it is loaded.
PRAGMA wal_autocheckpoint = 0;
PRAGMA cell_size_check = ON;
PRAGMA cache_size = -16384;
