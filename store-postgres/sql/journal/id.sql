SELECT store_id::text FROM bej.schema_version
