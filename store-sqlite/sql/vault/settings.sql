-- What is deleted is overwritten, and its traces in the log go with the next checkpoint. Several
-- processes write; a batch of a rotation holds the others up for less than this.
PRAGMA secure_delete = ON;
PRAGMA busy_timeout = 15000;
PRAGMA wal_autocheckpoint = 1000;
