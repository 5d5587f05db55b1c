COPY bej_views.payouts (seq, day, bet_seq, bet, organiser, account, desk, form, at_ns,
    paid_at_ns, amount_tiyn, refund_tiyn, late, body)
FROM STDIN BINARY
