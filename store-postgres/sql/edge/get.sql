SELECT area, key, value, version, expires_ns FROM edge.edge WHERE area = $1 AND key = $2
