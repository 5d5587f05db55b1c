SELECT setval('edge.versions', greatest(last_value, $1)) FROM edge.versions
