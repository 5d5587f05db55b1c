SELECT organiser, desk, unpaid, day, bets, sum_tiyn
FROM unpaid
ORDER BY organiser, desk, unpaid, day;
