SELECT reference FROM vault.persons
WHERE reference = ANY ($1) ORDER BY reference FOR SHARE
