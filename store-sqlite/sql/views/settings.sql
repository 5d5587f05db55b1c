-- Rows can be made again, so that a commit need not wait for the medium; checkpoints still do.
PRAGMA synchronous = NORMAL;
PRAGMA cache_size = -65536;
