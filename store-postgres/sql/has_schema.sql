SELECT EXISTS (SELECT FROM pg_catalog.pg_tables
               WHERE schemaname = $1 AND tablename = 'schema_version')
