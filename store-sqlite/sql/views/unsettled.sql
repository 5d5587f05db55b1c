SELECT seq FROM unsettled WHERE standing = ?1 AND seq >= ?2 AND seq < ?3 ORDER BY seq;
