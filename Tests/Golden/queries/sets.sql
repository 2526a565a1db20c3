-- Set operations and DISTINCT ON; compared with DuckDB, see Tests/RuntimeTests/SQLPeerTests.swift.

-- case: union
SELECT g, i FROM t UNION SELECT g, i FROM u

-- case: union of all
SELECT g, i FROM t UNION ALL SELECT g, i FROM u UNION ALL SELECT g, i FROM e

-- case: union of numbers of two types
SELECT i AS v FROM t UNION SELECT x FROM u UNION SELECT NULL

-- case: intersect
SELECT g, i, b FROM t INTERSECT SELECT g, i, b FROM u

-- case: intersect of all
SELECT g, x FROM t INTERSECT ALL SELECT g, x FROM u

-- case: except
SELECT g, x FROM t EXCEPT SELECT g, x FROM u

-- case: except of all
SELECT g, i FROM t EXCEPT ALL SELECT g, i FROM u

-- case: sets of doubles
SELECT d FROM t INTERSECT SELECT d FROM u

-- case: doubles left over
SELECT d FROM t EXCEPT ALL SELECT d FROM u

-- case: nothing on one side
SELECT g FROM t EXCEPT SELECT g FROM e UNION ALL (SELECT g FROM t INTERSECT SELECT g FROM e)

-- case: a table and itself
SELECT id, g FROM t EXCEPT SELECT id, g FROM t WHERE x > 3

-- case: nested sets
(SELECT g FROM t INTERSECT SELECT g FROM u) EXCEPT (SELECT 'a' UNION SELECT 'b')

-- case: sets of lists
SELECT nums FROM t INTERSECT SELECT nums FROM u

-- case: distinct on
SELECT DISTINCT ON (g) g, x, id FROM t ORDER BY g, x DESC NULLS LAST, id

-- case: distinct on two expressions ordered
SELECT DISTINCT ON (i, x % 3) i, x % 3 AS rest, id FROM t ORDER BY i, x % 3, id DESC

-- case: distinct on without an order
SELECT DISTINCT ON (g, i) g, i FROM t

-- case: distinct rows
SELECT DISTINCT g, b FROM t

-- case: values
SELECT * FROM (VALUES (1, 'a'), (2, NULL), (2, NULL)) AS v(n, s) UNION SELECT i, s FROM u
