COPY bej_views.bet_ids (bet, seq, organiser, day)
FROM STDIN BINARY
