SELECT sum(balance) FROM account;
