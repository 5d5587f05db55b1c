SELECT sender, ms FROM horizon ORDER BY sender;
