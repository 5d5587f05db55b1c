-- Large pages hold a frame in few links. The log is emptied at the same 80 MiB as in the other
-- baseline.
PRAGMA page_size = 16384;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA wal_autocheckpoint = 5000;
