INSERT INTO bej_views.cards (kind, number, version, body)
SELECT kind, number, version, body
FROM unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::bytea[])
     AS new (kind, number, version, body)
ON CONFLICT (kind, number, version) DO UPDATE SET body = excluded.body
