SELECT body FROM bej_views.settlements WHERE seq = $1
