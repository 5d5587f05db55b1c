SELECT totals FROM bej_views.state
