SELECT term, node, api, console,
       CASE WHEN until <= clock_timestamp() THEN 0
            ELSE GREATEST(1, ceil(extract(epoch FROM until - clock_timestamp()) * 1000))::bigint END
FROM bej.lease WHERE term > 0
