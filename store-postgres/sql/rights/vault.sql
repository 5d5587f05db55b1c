-- Least rights on persons and on what the edges keep. Run once by the owner of the database after
-- roles.sql and after `bej vault make`, so that both schemas are there. They are the writer's, and
-- of a role that sees nothing else, for `bej vault` on a machine apart; nobody who only reads has a
-- use for them. What is deleted here has to go, so the right to delete exists.
CREATE ROLE bej_vault LOGIN;
GRANT USAGE ON SCHEMA vault, edge TO bej_writer, bej_vault;
GRANT SELECT ON ALL TABLES IN SCHEMA vault, edge TO bej_writer, bej_vault;
GRANT INSERT, UPDATE, DELETE
    ON vault.epochs, vault.persons, vault.keys, vault.items, vault.entries, vault.removed,
    vault.looks
    TO bej_writer, bej_vault;
GRANT UPDATE ON vault.state TO bej_writer, bej_vault;
GRANT INSERT, UPDATE, DELETE ON edge.edge TO bej_writer, bej_vault;
GRANT USAGE, SELECT, UPDATE ON SEQUENCE edge.versions TO bej_writer, bej_vault;
