SELECT epoch, phase, sealed, progress FROM epochs ORDER BY epoch;
