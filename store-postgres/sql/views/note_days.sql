INSERT INTO bej_views.days (kind, day, first_seq)
SELECT kind, DATE '1970-01-01' + day, seq
FROM unnest($1::smallint[], $2::int[], $3::bigint[]) AS new (kind, day, seq)
ON CONFLICT (kind, day) DO NOTHING
