SELECT cursor FROM meta WHERE one = 1;
