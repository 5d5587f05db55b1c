DELETE FROM bej.snapshots
WHERE seq < (SELECT min(kept.seq)
             FROM (SELECT DISTINCT seq FROM bej.snapshots ORDER BY seq DESC LIMIT $1) AS kept)
