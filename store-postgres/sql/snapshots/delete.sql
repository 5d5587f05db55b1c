DELETE FROM bej.snapshots WHERE seq = $1
