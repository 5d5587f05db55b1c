DELETE FROM edge.edge WHERE area = $1 AND key = $2 AND version = $3
