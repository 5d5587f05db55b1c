SELECT body FROM bej_views.bets WHERE seq = $1
