-- Narrower roles for a system in groups. Run once by the owner of the database, after roles.sql
-- and vault.sql; then give each role a password and name it in the URL of its group: bej_writer
-- for pump, bej_feeds for feeds, bej_follower for console, bej_people for api and vault. Of pump
-- alone a process can add to the journal; of feeds alone one can write the views; of api and vault
-- alone one can see persons.
CREATE ROLE bej_follower LOGIN;
CREATE ROLE bej_feeds LOGIN;
CREATE ROLE bej_people LOGIN IN ROLE bej_follower, bej_vault;
-- The process that decides has no more use for them.
REVOKE ALL ON ALL TABLES IN SCHEMA vault, edge FROM bej_writer;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA edge FROM bej_writer;
REVOKE ALL ON SCHEMA vault, edge FROM bej_writer;
GRANT USAGE ON SCHEMA bej TO bej_follower, bej_feeds;
-- The marks too: among them is the secret by which feeds are numbered.
GRANT SELECT ON ALL TABLES IN SCHEMA bej TO bej_follower, bej_feeds;
-- The views change hands: those that are there are dropped, and feeds makes them anew.
DROP SCHEMA IF EXISTS bej_views CASCADE;
DO $$ BEGIN
    EXECUTE format('REVOKE CREATE ON DATABASE %I FROM bej_writer', current_database());
    EXECUTE format('GRANT CREATE ON DATABASE %I TO bej_feeds', current_database());
END $$;
CREATE SCHEMA bej_views AUTHORIZATION bej_feeds;
GRANT USAGE ON SCHEMA bej_views TO bej_writer, bej_follower, bej_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE bej_feeds IN SCHEMA bej_views
    GRANT SELECT ON TABLES TO bej_writer, bej_follower, bej_reader;
