COPY bej_views.signals (kind, day, seq, organiser, account, body)
FROM STDIN BINARY
