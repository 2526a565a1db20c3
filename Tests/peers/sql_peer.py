"""SQL as DuckDB understands it.

`sql_peer.py tables FOLDER` writes the tables that the cases read, as Parquet files.
`sql_peer.py compare FOLDER CASES` runs the cases and compares what it gets with the rows in
FOLDER/results/NAME.json: a list of rows, a row being a list of texts and nulls.
"""

import datetime as dt
import decimal
import json
import math
import os
import random
import re
import sys

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

ROWS = {"t": 500, "u": 180, "e": 0}
WORDS = ["", "a", "b", "Zürich", "東京", "a string of more bytes than a view holds", None]
DOUBLES = [math.nan, math.inf, -math.inf, 0.0, -0.0, None, 1.5, 2.5]


def columns(rows, rng):
    def maybe(value):
        return None if rng.random() < 0.12 else value

    day = dt.date(2024, 2, 26)
    start = dt.datetime(2024, 2, 28, 22, 0, tzinfo=dt.timezone.utc)
    cents = decimal.Decimal("0.01")
    return {
        "id": (pa.int64(), [i + 1 for i in range(rows)]),
        "g": (pa.string(), [rng.choice(WORDS) for _ in range(rows)]),
        "x": (pa.int64(), [maybe(rng.randrange(-20, 20)) for _ in range(rows)]),
        "i": (pa.int32(), [maybe(rng.randrange(6)) for _ in range(rows)]),
        "d": (
            pa.float64(),
            [
                rng.choice(DOUBLES) if rng.random() < 0.3 else rng.randrange(-400, 400) / 8
                for _ in range(rows)
            ],
        ),
        "q": (pa.float64(), [maybe(rng.randrange(-80, 80) / 4) for _ in range(rows)]),
        "n": (
            pa.decimal128(10, 2),
            [maybe(decimal.Decimal(rng.randrange(-5000, 5000)) * cents) for _ in range(rows)],
        ),
        "s": (pa.string(), [maybe(rng.choice(WORDS[:6]) + str(rng.randrange(9))) for _ in range(rows)]),
        "b": (pa.bool_(), [maybe(rng.random() < 0.5) for _ in range(rows)]),
        "day": (pa.date32(), [maybe(day + dt.timedelta(days=rng.randrange(12))) for _ in range(rows)]),
        "made_at": (
            pa.timestamp("us", "UTC"),
            [start + dt.timedelta(seconds=rng.randrange(40000)) for _ in range(rows)],
        ),
        "tags": (
            pa.list_(pa.string()),
            [maybe([rng.choice(WORDS) for _ in range(rng.randrange(4))]) for _ in range(rows)],
        ),
        "nums": (
            pa.list_(pa.int64()),
            [maybe([maybe(rng.randrange(9)) for _ in range(rng.randrange(3))]) for _ in range(rows)],
        ),
    }


def write_tables(folder):
    rng = random.Random(20240229)
    for name, rows in ROWS.items():
        fields = columns(rows, rng)
        table = pa.table(
            {column: pa.array(values, type) for column, (type, values) in fields.items()})
        pq.write_table(table, os.path.join(folder, name + ".parquet"))


def read_cases(path):
    """Name, SQL and the SQL for DuckDB where it is spelled otherwise there."""
    cases = []
    for line in open(path, encoding="utf-8"):
        if line.startswith("-- case:"):
            cases.append([line[len("-- case:") :].strip(), "", None])
        elif line.startswith("-- duckdb:"):
            cases[-1][2] = ""
        elif cases and not line.startswith("--"):
            cases[-1][1 if cases[-1][2] is None else 2] += line
    return cases


def text(value):
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    if isinstance(value, list):
        return [text(item) for item in value]
    return str(value)


def number(text):
    try:
        return float(text)
    except (TypeError, ValueError):
        return None


def same(ours, theirs):
    if ours is None or theirs is None:
        return ours is theirs
    if isinstance(theirs, list):
        return isinstance(ours, list) and len(ours) == len(theirs) and all(map(same, ours, theirs))
    if ours == theirs:
        return True
    a, b = number(ours), number(theirs)
    if a is not None and b is not None:
        if math.isnan(a) or math.isnan(b):
            return math.isnan(a) and math.isnan(b)
        return a == b or abs(a - b) <= 1e-9 * max(abs(a), abs(b), 1e-3)
    return moment(ours) == moment(theirs)


def moment(text):
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d+)?Z?", str(text))
    return (found[1], found[2], float(found[3] or 0)) if found else text


def key(row):
    """Rows that differ in the last bits of a number are at the same place."""

    def part(value):
        if isinstance(value, list):
            return "[" + ",".join(part(item) for item in value) + "]"
        if value is None:
            return "~"
        n = number(value)
        if n is not None:
            return "nan" if math.isnan(n) else format(n + 0.0 if n else 0.0, ".7e")
        return str(moment(value))

    return [part(value) for value in row]


def compare(folder, path):
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'; SET default_null_order = 'nulls_last'")
    for name in ROWS:
        file = os.path.join(folder, name + ".parquet")
        # All times are UTC; without a zone, Python needs no module for it.
        connection.execute(
            f"CREATE VIEW {name} AS SELECT * REPLACE (made_at AT TIME ZONE 'UTC' AS made_at) "
            f"FROM read_parquet('{file}')")
    failures = 0
    for name, sql, other in read_cases(path):
        result = os.path.join(folder, "results", name.replace(" ", "_") + ".json")
        if not os.path.exists(result):
            print(f"{name}: no result")
            failures += 1
            continue
        ours = json.load(open(result, encoding="utf-8"))
        try:
            rows = connection.execute(other or sql).fetchall()
        except Exception as problem:
            print(f"{name}: DuckDB says {problem}")
            failures += 1
            continue
        theirs = [[text(value) for value in row] for row in rows]
        if "ordered" not in name.split():
            ours, theirs = sorted(ours, key=key), sorted(theirs, key=key)
        wrong = [
            (a, b) for a, b in zip(ours, theirs) if len(a) != len(b) or not all(map(same, a, b))
        ]
        if len(ours) != len(theirs) or wrong:
            failures += 1
            print(f"{name}: {len(ours)} rows, DuckDB has {len(theirs)}; {len(wrong)} differ")
            for a, b in wrong[:4]:
                print(f"  ours   {a}\n  theirs {b}")
    sys.exit(1 if failures else 0)


if sys.argv[1] == "tables":
    write_tables(sys.argv[2])
else:
    compare(sys.argv[2], sys.argv[3])
