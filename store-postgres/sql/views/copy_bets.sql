COPY bej_views.bets (seq, day, bet, account, organiser, desk, desk_kind, form, shape,
    standing, live, late, waiting, at_ns, made_at_ns, amount_tiyn, commission_tiyn, result,
    winnings_tiyn, net_due_tiyn, paid_tiyn, events, body)
FROM STDIN BINARY
