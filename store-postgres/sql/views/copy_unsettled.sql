COPY bej_views.unsettled (standing, seq, day)
FROM STDIN BINARY
