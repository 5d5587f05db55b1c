SELECT found.body
FROM ((SELECT key, body FROM bej_views.postings
       WHERE debit = $1 AND key < $2 ORDER BY key DESC LIMIT $3)
      UNION ALL
      (SELECT key, body FROM bej_views.postings
       WHERE credit = $1 AND debit <> $1 AND key < $2 ORDER BY key DESC LIMIT $3)) AS found
ORDER BY found.key DESC LIMIT $3
