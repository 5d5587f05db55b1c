DELETE FROM bej_views.unpaid WHERE bets = 0 AND sum_tiyn = 0
