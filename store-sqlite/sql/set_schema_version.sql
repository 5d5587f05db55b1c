UPDATE meta SET schema_version = ?1 WHERE one = 1;
