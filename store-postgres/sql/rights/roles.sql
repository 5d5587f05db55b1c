-- Least rights. Run once by the owner of the database, after the store was opened for the first
-- time, so that the schema is there; then give bej_writer a password and name it in the store's
-- URL. The writer adds to the journal and can change or remove nothing in it; the views, which can
-- be made again, are its own. The reader only reads.
CREATE ROLE bej_writer LOGIN;
CREATE ROLE bej_reader LOGIN;
GRANT USAGE ON SCHEMA bej TO bej_writer, bej_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA bej TO bej_writer, bej_reader;
-- Among the marks is a secret, which readers have no use for.
REVOKE SELECT ON bej.marks FROM bej_reader;
GRANT INSERT ON bej.frames TO bej_writer;
GRANT UPDATE ON bej.writers, bej.lease TO bej_writer;
GRANT INSERT, UPDATE ON bej.marks TO bej_writer;
GRANT INSERT, DELETE ON bej.snapshots TO bej_writer;
-- Views that the owner has made before are dropped; the writer makes them anew.
DROP SCHEMA IF EXISTS bej_views CASCADE;
DO $$ BEGIN
    EXECUTE format('GRANT CREATE ON DATABASE %I TO bej_writer', current_database());
END $$;
CREATE SCHEMA bej_views AUTHORIZATION bej_writer;
GRANT USAGE ON SCHEMA bej_views TO bej_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE bej_writer IN SCHEMA bej_views
    GRANT SELECT ON TABLES TO bej_reader;
