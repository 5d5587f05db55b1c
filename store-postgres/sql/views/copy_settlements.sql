COPY bej_views.settlements (seq, day, bet_seq, organiser, corrects, result, at_ns,
    gross_tiyn, gross_computed_tiyn, refund_tiyn, tax_tiyn, net_due_tiyn, body)
FROM STDIN BINARY
