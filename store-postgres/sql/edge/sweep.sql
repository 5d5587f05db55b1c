DELETE FROM edge.edge WHERE (area, key) IN
    (SELECT area, key FROM edge.edge WHERE expires_ns <= $1 ORDER BY expires_ns LIMIT $2)
