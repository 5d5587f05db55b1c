COPY bej_views.breaches (seq, part, day, organiser, reason, at_ns, body)
FROM STDIN BINARY
