SELECT count(*), coalesce(sum(amount), 0) FROM transfer;
