COPY bej_views.bet_events (event, seq, day, first)
FROM STDIN BINARY
