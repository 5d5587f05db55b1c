SELECT kind, body FROM cards ORDER BY kind, number, version;
