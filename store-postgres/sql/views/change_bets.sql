UPDATE bej_views.bets AS old
SET standing = new.standing, waiting = new.waiting, result = new.result,
    winnings_tiyn = new.winnings, net_due_tiyn = new.due, paid_tiyn = new.paid, body = new.body
FROM unnest($1::bigint[], $2::smallint[], $3::boolean[], $4::smallint[], $5::bigint[],
            $6::bigint[], $7::bigint[], $8::bytea[])
     AS new (seq, standing, waiting, result, winnings, due, paid, body)
WHERE old.seq = new.seq
