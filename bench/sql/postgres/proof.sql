SELECT (SELECT sum(balance)::bigint FROM account),
       (SELECT count(*)
        FROM account
        LEFT JOIN (SELECT id, sum(amount) AS amount
                   FROM (SELECT debit AS id, -amount AS amount FROM transfer
                         UNION ALL SELECT credit, amount FROM transfer) AS sides
                   GROUP BY id) AS history USING (id)
        WHERE balance <> opening + coalesce(history.amount, 0) AND 0 <= $1::bigint)
