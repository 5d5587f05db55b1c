SELECT bytes FROM bej.snapshots WHERE seq = $1 AND part = $2
