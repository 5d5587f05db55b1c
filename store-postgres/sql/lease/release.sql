UPDATE bej.lease SET until = '-infinity' WHERE term = $1
