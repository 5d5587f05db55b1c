COPY bej_views.refusals (seq, day, sender, reason, account, at_ns, count, body)
FROM STDIN BINARY
