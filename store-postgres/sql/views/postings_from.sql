SELECT body FROM bej_views.postings WHERE key >= $1 ORDER BY key LIMIT $2
