SELECT current_setting('server_version_num')::int,
       current_setting('server_encoding'),
       current_setting('fsync', true),
       current_setting('full_page_writes', true),
       current_setting('synchronous_commit', true),
       pg_is_in_recovery()
