WITH made AS (
    INSERT INTO transfer (id, debit, credit, amount, at_ms, code)
    SELECT id, debit, credit, amount, at_ms, 1
    FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
         AS new (id, debit, credit, amount, at_ms)
    ON CONFLICT DO NOTHING
    RETURNING debit, credit, amount
), moved AS (
    SELECT account, sum(amount)::bigint AS amount
    FROM (SELECT debit AS account, -amount AS amount FROM made
          UNION ALL SELECT credit, amount FROM made) AS sides
    GROUP BY account
)
UPDATE account SET balance = balance + moved.amount
FROM moved WHERE account.id = moved.account
