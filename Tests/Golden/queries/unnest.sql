-- UNNEST; compared with DuckDB, see Tests/RuntimeTests/SQLPeerTests.swift.

-- case: elements
SELECT id, tag FROM t, UNNEST(tags) AS v(tag)

-- case: elements with their numbers
SELECT id, tag, nr FROM t CROSS JOIN UNNEST(tags) WITH ORDINALITY AS v(tag, nr)

-- case: rows without elements
SELECT id, num FROM t LEFT JOIN UNNEST(nums) AS v(num) ON true

-- case: two lists
SELECT id, tag, num FROM t, UNNEST(tags) AS v(tag), UNNEST(nums) AS w(num)

-- case: grouped elements
SELECT tag, count(*) AS n, min(id) AS first FROM t, UNNEST(tags) AS v(tag) GROUP BY tag
