-- What is deleted is overwritten. Several processes write, each for a moment.
PRAGMA secure_delete = ON;
PRAGMA busy_timeout = 15000;
PRAGMA wal_autocheckpoint = 1000;
