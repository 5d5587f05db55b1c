-- Plain SQLite as a careful user would set it up for this load: default pages, a cache that holds
-- everything, and checkpoints rarer than by default.
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA cache_size = -1048576;
PRAGMA wal_autocheckpoint = 20000;
