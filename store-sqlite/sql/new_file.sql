-- Before the first table: 16 KiB pages hold a frame in few links, and the number says that this is
-- a file of bej ("bej1").
PRAGMA page_size = 16384;
PRAGMA application_id = 1650813489;
