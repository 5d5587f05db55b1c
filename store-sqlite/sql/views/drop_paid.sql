DELETE FROM unpaid WHERE bets = 0 AND sum_tiyn = 0;
