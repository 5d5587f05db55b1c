SELECT count(*) FROM chunks WHERE segment NOT IN (SELECT number FROM segments);
