SELECT cursor FROM bej_views.state
