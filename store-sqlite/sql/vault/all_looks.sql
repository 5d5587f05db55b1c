SELECT reference, seq, sealed FROM looks ORDER BY reference, seq;
