-- How many of the hot accounts differ from the history of what was paid to them.
SELECT count(*)
FROM account
LEFT JOIN (SELECT credit, sum(amount) AS received FROM transfer GROUP BY credit) AS history
    ON history.credit = account.id
WHERE ?1 <= account.id AND account.balance <> coalesce(history.received, 0);
