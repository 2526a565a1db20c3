-- Joins; compared with DuckDB, see Tests/RuntimeTests/SQLPeerTests.swift.

-- case: inner join
SELECT t.id, u.id AS other, t.g FROM t JOIN u ON t.g = u.g AND t.i = u.i

-- case: left join with a condition
SELECT t.id, u.id AS other FROM t LEFT JOIN u ON t.x = u.x AND t.q < u.q

-- case: right join
SELECT t.id, u.id AS other, u.s FROM t RIGHT JOIN u ON t.s = u.s

-- case: full join
SELECT t.id, u.id AS other FROM t FULL JOIN u ON t.x = u.x AND t.g = u.g AND t.b

-- case: full join with nothing
SELECT t.id, e.id AS other FROM t FULL JOIN e ON t.x = e.x

-- case: join by an order alone
SELECT t.id, count(*) AS n FROM t JOIN u ON t.made_at < u.made_at GROUP BY t.id

-- case: cross join
SELECT count(*) AS n, sum(t.x + u.x) AS total FROM t CROSS JOIN u

-- case: cross join with many rows
SELECT d.j, count(*) AS n, first(d.k) AS f
FROM t AS a, (SELECT b.i AS j, c.id AS k FROM t AS b, (SELECT * FROM u WHERE id < 6) AS c) AS d
GROUP BY d.j
-- duckdb:
SELECT i, 2500 * count(*), 1 FROM t GROUP BY i

-- case: semi join
SELECT id FROM t WHERE g IN (SELECT g FROM u WHERE x > 0)

-- case: anti join
SELECT id FROM t WHERE s NOT IN (SELECT s FROM u WHERE s IS NOT NULL)

-- case: anti join with nulls on the right
SELECT id FROM t WHERE s NOT IN (SELECT s FROM u)

-- case: exists with a condition
SELECT id FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.g = t.g AND u.q > t.q)

-- case: not exists
SELECT id FROM t WHERE NOT EXISTS (SELECT 1 FROM u WHERE u.x = t.x AND u.i <> t.i)

-- case: joins of doubles
SELECT t.id, u.id AS other FROM t JOIN u ON t.d = u.d

-- case: a table with itself
SELECT a.id, b.id AS other FROM t AS a JOIN t AS b ON a.x = b.x AND a.id < b.id
