SELECT kind, body FROM bej_views.cards
WHERE (kind, number, version) > ($1, $2, $3) ORDER BY kind, number, version LIMIT $4
