DELETE FROM epochs;
