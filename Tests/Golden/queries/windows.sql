-- Window functions; compared with DuckDB, see Tests/RuntimeTests/SQLPeerTests.swift.

-- case: rankings
SELECT id, row_number() OVER (PARTITION BY g ORDER BY x, id) AS a,
       rank() OVER (PARTITION BY g ORDER BY x) AS b,
       dense_rank() OVER (PARTITION BY g ORDER BY x) AS c,
       percent_rank() OVER (PARTITION BY g ORDER BY x) AS d,
       cume_dist() OVER (PARTITION BY g ORDER BY x) AS e,
       ntile(4) OVER (PARTITION BY g ORDER BY x, id) AS f
FROM t

-- case: rankings in descending order of doubles
SELECT id, rank() OVER (ORDER BY d DESC NULLS LAST) AS a,
       dense_rank() OVER (PARTITION BY b ORDER BY d) AS b,
       ntile(7) OVER (ORDER BY d, id) AS c
FROM t

-- case: row numbers in the order of the rows ordered
SELECT id, row_number() OVER () AS a FROM t ORDER BY id
-- duckdb:
SELECT id, id FROM t ORDER BY id

-- case: lag and lead
SELECT id, lag(x) OVER w AS a, lead(x, 2) OVER w AS b, lag(x, 3, -99) OVER w AS c,
       lead(s, 1, 'none') OVER w AS d, lag(g, 0) OVER w AS e
FROM t WINDOW w AS (PARTITION BY g ORDER BY id)

-- case: lag and lead past nulls
SELECT id, lag(x IGNORE NULLS) OVER w AS a, lead(x IGNORE NULLS) OVER w AS b,
       lag(x, 2 IGNORE NULLS) OVER w AS c
FROM t WINDOW w AS (PARTITION BY i ORDER BY id)

-- case: values of the frame
SELECT id, first_value(x) OVER w AS a, last_value(x) OVER w AS b, nth_value(s, 2) OVER w AS c,
       first_value(s) OVER (w ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING) AS d,
       last_value(s) OVER (w ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING) AS e,
       nth_value(x, 3) OVER (w ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING) AS f
FROM t WINDOW w AS (PARTITION BY g ORDER BY id)

-- case: values of the frame past nulls
SELECT id, first_value(x IGNORE NULLS) OVER w AS a, last_value(x IGNORE NULLS) OVER w AS b,
       nth_value(x, 2 IGNORE NULLS) OVER w AS c
FROM t WINDOW w AS (PARTITION BY g ORDER BY id ROWS BETWEEN 3 PRECEDING AND 2 FOLLOWING)

-- case: whole partitions
SELECT id, count(*) OVER w AS a, count(x) OVER w AS b, sum(x) OVER w AS c, avg(x) OVER w AS d,
       min(s) OVER w AS e, max(d) OVER w AS f, sum(n) OVER w AS g, stddev(q) OVER w AS h
FROM t WINDOW w AS (PARTITION BY g)

-- case: running aggregates
SELECT id, count(*) OVER w AS a, sum(x) OVER w AS b, avg(q) OVER w AS c, min(x) OVER w AS d,
       max(s) OVER w AS e, sum(n) OVER w AS f, stddev(q) OVER w AS g, bool_and(b) OVER w AS h,
       bool_or(b) OVER w AS i, median(q) OVER w AS j
FROM t WINDOW w AS (PARTITION BY i ORDER BY day)

-- case: running aggregates row by row
SELECT id, sum(q) OVER w AS a, count(q) OVER w AS b, avg(x) OVER w AS c, var_pop(q) OVER w AS d,
       string_agg(g, '/') OVER w AS e
FROM t WINDOW w AS (PARTITION BY g ORDER BY id ROWS UNBOUNDED PRECEDING)

-- case: sliding rows
SELECT id, sum(q) OVER w AS a, round(avg(n) OVER w, 4) AS b, min(q) OVER w AS c, max(x) OVER w AS d,
       count(s) OVER w AS e, sum(i) OVER w AS f, stddev(q) OVER w AS g, covar_pop(q, x) OVER w AS h,
       arg_max(s, id) OVER w AS j, string_agg(s, ',') OVER w AS k
FROM t WINDOW w AS (PARTITION BY g ORDER BY id ROWS BETWEEN 4 PRECEDING AND 2 FOLLOWING)

-- case: long sliding rows
SELECT id, sum(q) OVER w AS a, avg(q) OVER w AS b, min(s) OVER w AS c, max(n) OVER w AS d,
       sum(x) OVER w AS e
FROM t WINDOW w AS (ORDER BY id ROWS BETWEEN 117 PRECEDING AND 93 FOLLOWING)

-- case: frames before and behind the row
SELECT id, sum(x) OVER (ORDER BY id ROWS BETWEEN 5 PRECEDING AND 3 PRECEDING) AS a,
       sum(x) OVER (ORDER BY id ROWS BETWEEN 2 FOLLOWING AND 4 FOLLOWING) AS b,
       min(q) OVER (ORDER BY id ROWS BETWEEN 2 FOLLOWING AND UNBOUNDED FOLLOWING) AS c,
       count(*) OVER (ORDER BY id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS d,
       stddev(q) OVER (ORDER BY id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS e
FROM t

-- case: ranges of whole numbers
SELECT id, count(*) OVER (ORDER BY x RANGE BETWEEN 3 PRECEDING AND 2 FOLLOWING) AS a,
       sum(q) OVER (PARTITION BY b ORDER BY x RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) AS b,
       count(*) OVER (ORDER BY x DESC RANGE BETWEEN 3 PRECEDING AND 1 PRECEDING) AS c
FROM t WHERE x IS NOT NULL

-- case: ranges of decimals and doubles
SELECT id, count(*) OVER (ORDER BY n RANGE BETWEEN 2.5 PRECEDING AND 2.5 FOLLOWING) AS a,
       count(*) OVER (ORDER BY q DESC RANGE BETWEEN 1 PRECEDING AND 0.5 FOLLOWING) AS b
FROM t WHERE n IS NOT NULL AND q IS NOT NULL

-- case: ranges of days and moments
SELECT id,
       count(*) OVER (ORDER BY made_at RANGE BETWEEN INTERVAL '1 hour' PRECEDING AND CURRENT ROW) AS a,
       sum(x) OVER (PARTITION BY i ORDER BY made_at DESC
                    RANGE BETWEEN INTERVAL '30 minutes' PRECEDING AND INTERVAL '1 minute' FOLLOWING) AS b,
       count(*) OVER (ORDER BY day RANGE BETWEEN INTERVAL '2 days' PRECEDING AND INTERVAL '1 day' PRECEDING) AS c
FROM t WHERE day IS NOT NULL

-- case: groups of peers
SELECT id, count(*) OVER (ORDER BY x GROUPS BETWEEN 2 PRECEDING AND 1 FOLLOWING) AS a,
       sum(q) OVER (PARTITION BY g ORDER BY i GROUPS BETWEEN 1 PRECEDING AND 1 PRECEDING) AS b,
       min(s) OVER (ORDER BY i GROUPS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS c
FROM t

-- case: filters
SELECT id, count(*) FILTER (WHERE x > 0) OVER w AS a, sum(q) FILTER (WHERE b) OVER w AS b,
       max(s) FILTER (WHERE i < 3) OVER w AS c, sum(x) FILTER (WHERE false) OVER w AS d,
       stddev(q) FILTER (WHERE b) OVER w AS e
FROM t WINDOW w AS (PARTITION BY g ORDER BY id)

-- case: windows of groups
SELECT g, i, sum(x) AS total, rank() OVER (PARTITION BY g ORDER BY sum(x) DESC) AS place,
       sum(sum(x)) OVER (ORDER BY g, i) AS running
FROM t WHERE x IS NOT NULL GROUP BY g, i

-- case: the first of each by qualify
SELECT g, id, x FROM t QUALIFY row_number() OVER (PARTITION BY g ORDER BY x DESC NULLS LAST, id) <= 2

-- case: windows over nothing
SELECT id, sum(x) OVER (ORDER BY id) AS a, count(*) OVER () AS b FROM e

-- case: many partitionings at once
SELECT id, count(*) OVER (PARTITION BY g) AS a, count(*) OVER (PARTITION BY i) AS b,
       count(*) OVER (PARTITION BY g, i) AS c, count(*) OVER (PARTITION BY day) AS d,
       row_number() OVER (PARTITION BY b ORDER BY id) AS e, count(*) OVER () AS f
FROM t

-- case: the first and last rows of groups of ties
SELECT id, first(id) OVER w AS a, last(id) OVER w AS b
FROM t WINDOW w AS (PARTITION BY x ORDER BY id)
