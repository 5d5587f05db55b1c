SELECT count(*) FROM epochs;
