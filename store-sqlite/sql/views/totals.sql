SELECT totals FROM meta WHERE one = 1;
