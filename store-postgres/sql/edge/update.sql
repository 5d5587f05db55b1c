UPDATE edge.edge SET value = $3, version = nextval('edge.versions'), expires_ns = $4
WHERE area = $1 AND key = $2 AND version = $6 AND (expires_ns IS NULL OR $5 < expires_ns)
RETURNING version
