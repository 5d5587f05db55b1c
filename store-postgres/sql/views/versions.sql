SELECT kind, body FROM bej_views.cards WHERE kind = $1 AND number = $2 ORDER BY version
