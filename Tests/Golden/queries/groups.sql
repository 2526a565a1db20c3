-- Grouping sets and event-time windows; compared with DuckDB, see Tests/RuntimeTests/SQLPeerTests.swift.

-- case: rollup
SELECT g, i, count(*) AS n, sum(x) AS total, avg(q) AS mean FROM t GROUP BY ROLLUP (g, i)

-- case: cube
SELECT g, i, b, count(*) AS n, min(s) AS least FROM t GROUP BY CUBE (g, i, b)

-- case: grouping sets
SELECT g, i, day, sum(n) AS total, grouping(g) AS a, grouping(g, i) AS b, grouping(day, g, i) AS c
FROM t GROUP BY GROUPING SETS ((g, i), (day), (g), ())

-- case: a set twice
SELECT g, count(*) AS n FROM t GROUP BY GROUPING SETS ((g), (g))

-- case: sets combined with groups
SELECT g, i, b, count(x) AS n FROM t GROUP BY g, ROLLUP (i, b)

-- case: sets of nothing
SELECT g, count(*) AS n, sum(x) AS total FROM e GROUP BY ROLLUP (g)

-- case: sets filtered by what they leave out ordered
SELECT g, i, count(*) AS n FROM t GROUP BY CUBE (g, i) HAVING grouping(g, i) IN (1, 2)
ORDER BY grouping(g, i), n, g, i

-- case: sets of expressions
SELECT x % 3 AS rest, i + 1 AS next, count(*) AS n FROM t GROUP BY ROLLUP (x % 3, i + 1)

-- case: distinct values and filters in sets
SELECT g, b, count(DISTINCT x) AS a, count(*) FILTER (WHERE x > 0) AS c, string_agg(s, ',' ORDER BY id) AS l
FROM t GROUP BY ROLLUP (g, b)

-- case: sets under windows
SELECT g, i, count(*) AS n, rank() OVER (PARTITION BY grouping(g, i) ORDER BY count(*) DESC) AS place
FROM t GROUP BY ROLLUP (g, i)

-- case: tumbling windows
SELECT window_start, window_end, g, count(*) AS n, sum(x) AS total
FROM t GROUP BY tumble(made_at, INTERVAL '1 hour'), g
-- duckdb:
SELECT time_bucket(INTERVAL '1 hour', made_at) AS a, a + INTERVAL '1 hour', g, count(*), sum(x)
FROM t GROUP BY ALL

-- case: hopping windows
SELECT window_start, window_end, i, count(*) AS n, max(q) AS most
FROM t GROUP BY hop(made_at, INTERVAL '10 minutes', INTERVAL '25 minutes'), i
-- duckdb:
SELECT w, w + INTERVAL '25 minutes', i, count(*), max(q)
FROM t, (SELECT unnest(range(TIMESTAMP '2024-02-28 20:00:00', TIMESTAMP '2024-02-29 12:00:00',
                             INTERVAL '10 minutes')) AS w)
WHERE made_at >= w AND made_at < w + INTERVAL '25 minutes' GROUP BY w, i

-- case: hopping windows with gaps
SELECT window_start, window_end, count(*) AS n
FROM t GROUP BY hop(made_at, INTERVAL '1 hour', INTERVAL '20 minutes')
-- duckdb:
SELECT date_trunc('hour', made_at) AS w, w + INTERVAL '20 minutes', count(*)
FROM t WHERE minute(made_at) < 20 GROUP BY w

-- case: sessions
SELECT window_start, window_end, g, count(*) AS n, string_agg(s, ',' ORDER BY id) AS l
FROM t GROUP BY session(made_at, INTERVAL '15 minutes'), g
-- duckdb:
SELECT min(made_at), max(made_at) + INTERVAL '15 minutes', g, count(*), string_agg(s, ',' ORDER BY id)
FROM (SELECT *, sum(CASE WHEN made_at < before + INTERVAL '15 minutes' THEN 0 ELSE 1 END)
                OVER (PARTITION BY g ORDER BY made_at, id) AS session
      FROM (SELECT *, lag(made_at) OVER (PARTITION BY g ORDER BY made_at, id) AS before FROM t))
GROUP BY g, session

-- case: sessions of everything
SELECT window_start, count(*) AS n FROM t GROUP BY session(made_at, INTERVAL '2 minutes')
-- duckdb:
SELECT min(made_at), count(*)
FROM (SELECT *, sum(CASE WHEN made_at < before + INTERVAL '2 minutes' THEN 0 ELSE 1 END)
                OVER (ORDER BY made_at, id) AS session
      FROM (SELECT *, lag(made_at) OVER (ORDER BY made_at, id) AS before FROM t))
GROUP BY session

-- case: windows of grouping sets
SELECT window_start, i, count(*) AS n FROM t GROUP BY tumble(made_at, INTERVAL '3 hours'), ROLLUP (i)
-- duckdb:
SELECT time_bucket(INTERVAL '3 hours', made_at) AS a, i, count(*) FROM t GROUP BY GROUPING SETS ((a, i), (a))
