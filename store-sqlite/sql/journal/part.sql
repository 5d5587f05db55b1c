SELECT part, closed FROM meta WHERE one = 1;
