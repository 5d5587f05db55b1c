DELETE FROM bej_views.unsettled AS old
USING unnest($1::smallint[], $2::bigint[]) AS gone (standing, seq)
WHERE old.standing = gone.standing AND old.seq = gone.seq
