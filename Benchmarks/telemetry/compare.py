"""Whether every job made the same table: compare.py FOLDER.

Polars fills up rows with too few fields and keeps them.
"""

import sys

import duckdb

folder = sys.argv[1]


def facts(path):
    return duckdb.sql(f"""
        SELECT count(*), count(DISTINCT (vehicle_id, recorded_at)), round(sum(latitude), 3),
               round(sum(speed_kmh), 3), round(sum(distance_from_depot_km), 3)
        FROM read_parquet('{folder}/{path}')""").fetchall()[0]


ours = facts("out/positions/**/*.parquet")
print("rows, keys and sums of pipec:", ours)
for name, allowed in (("duckdb", 1e-9), ("polars", 0.002)):
    theirs = facts(f"{name}.parquet")
    if any(abs(a - b) > allowed * abs(a) for a, b in zip(ours, theirs)):
        sys.exit(f"{name} made another table: {theirs}")
