UPDATE bej_views.state SET cursor = $2, totals = $3 WHERE cursor = $1
