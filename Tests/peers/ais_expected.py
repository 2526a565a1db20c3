"""Computes with DuckDB what the fleet-telemetry pipeline must make of the real AIS positions.

    ais_expected.py DATA_FOLDER TABLES_FOLDER MAX_SPEED

DATA_FOLDER holds ais_*.csv.gz; TABLES_FOLDER is .pipec/s3/fleet-lake of a project that ran.
Prints one line a comparison and exits with 1 where anything differs. Nothing here is shared with
pipec: the rules, the haversine and the de-duplication are written again in SQL.
"""

import glob
import json
import sys

import duckdb

data, tables, max_speed = sys.argv[1], sys.argv[2], float(sys.argv[3])
failures = 0


def compare(what, ours, theirs):
    global failures
    same = ours == theirs
    failures += not same
    print(("equal   " if same else "DIFFERS ") + f"{what}: pipec {ours}, duckdb {theirs}")


db = duckdb.connect()
db.execute("SET threads = 2; SET TimeZone = 'UTC'")
selects = []
for number, path in enumerate(sorted(glob.glob(f"{data}/ais_*.csv.gz"))):
    points = "_points" in path
    names = (
        ("vehicle_id", "timestamp_utc", "lat", "lon", "NULL", "NULL")
        if points
        else ("MMSI", "BaseDateTime", "LAT", "LON", "SOG", "Status")
    )
    vehicle, time, latitude, longitude, speed, status = names
    selects.append(
        f"""SELECT {number} AS file, row_number() OVER () AS line,
                   {vehicle}::VARCHAR AS vehicle_id, {time}::TIMESTAMP AS recorded_at,
                   {latitude}::DOUBLE AS latitude, {longitude}::DOUBLE AS longitude,
                   {speed}::DOUBLE AS speed_kmh, {status}::VARCHAR AS engine_status
            FROM read_csv('{path}', header = true, all_varchar = true)"""
    )
db.execute("CREATE TABLE telemetry AS " + " UNION ALL ".join(selects))
db.execute(
    f"""CREATE TABLE accepted AS SELECT * FROM telemetry
       WHERE vehicle_id IS NOT NULL AND recorded_at IS NOT NULL AND latitude IS NOT NULL
         AND longitude IS NOT NULL AND latitude BETWEEN -90 AND 90
         AND longitude BETWEEN -180 AND 180
         AND (speed_kmh IS NULL OR speed_kmh BETWEEN 0 AND {max_speed})"""
)
db.execute(
    """CREATE TABLE silver AS
       SELECT *, 2 * 6371.0088 * asin(sqrt(
                pow(sin(radians(latitude - 39.9042) / 2), 2)
                + cos(radians(39.9042)) * cos(radians(latitude))
                * pow(sin(radians(longitude - 116.4074) / 2), 2))) AS distance_from_depot_km
       FROM (SELECT *, row_number() OVER (PARTITION BY vehicle_id, recorded_at
                                          ORDER BY file, line) AS copy FROM accepted)
       WHERE copy = 1"""
)
db.execute(
    """CREATE TABLE gold AS
       SELECT vehicle_id, recorded_at::DATE AS day, count(*) AS pings,
              max(distance_from_depot_km) AS farthest_km, avg(speed_kmh) AS mean_speed_kmh
       FROM silver GROUP BY ALL"""
)


def one(sql):
    return db.execute(sql).fetchone()[0]


def table(name):
    return f"read_parquet('{tables}/{name}/**/*.parquet', hive_partitioning = false)"


compare("bronze rows", one(f"SELECT count(*) FROM {table('bronze/telemetry')}"),
        one("SELECT count(*) FROM accepted"))
compare("silver rows", one(f"SELECT count(*) FROM {table('silver/telemetry')}"),
        one("SELECT count(*) FROM silver"))
compare("gold rows", one(f"SELECT count(*) FROM {table('gold/daily_activity')}"),
        one("SELECT count(*) FROM gold"))
compare(
    "silver rows that differ",
    one(f"""SELECT count(*) FROM (
              SELECT vehicle_id, recorded_at::TIMESTAMP AS recorded_at, latitude, longitude,
                     speed_kmh, engine_status FROM {table('silver/telemetry')}
              EXCEPT ALL
              SELECT vehicle_id, recorded_at, latitude, longitude, speed_kmh, engine_status
              FROM silver)"""),
    0,
)
compare(
    "distances off by more than 1e-9 of their value",
    one(f"""SELECT count(*) FROM {table('silver/telemetry')} AS ours JOIN silver AS theirs
              ON ours.vehicle_id = theirs.vehicle_id
             AND ours.recorded_at::TIMESTAMP = theirs.recorded_at
            WHERE NOT abs(ours.distance_from_depot_km - theirs.distance_from_depot_km)
                      <= 1e-9 * theirs.distance_from_depot_km"""),
    0,
)
compare(
    "gold rows that differ",
    one(f"""SELECT count(*) FROM gold AS theirs FULL JOIN {table('gold/daily_activity')} AS ours
              ON ours.vehicle_id = theirs.vehicle_id AND ours.day = theirs.day
            WHERE ours.pings IS DISTINCT FROM theirs.pings
               OR NOT abs(ours.farthest_km - theirs.farthest_km) <= 1e-9 * theirs.farthest_km
               OR (ours.mean_speed_kmh IS NULL) <> (theirs.mean_speed_kmh IS NULL)
               OR abs(ours.mean_speed_kmh - theirs.mean_speed_kmh) > 1e-9"""),
    0,
)
print(json.dumps({"read": one("SELECT count(*) FROM telemetry"),
                  "rejected": one("SELECT (SELECT count(*) FROM telemetry) - (SELECT count(*) FROM accepted)"),
                  "duplicates": one("SELECT (SELECT count(*) FROM accepted) - (SELECT count(*) FROM silver)"),
                  "moving": one("SELECT count(*) FROM silver WHERE engine_status = 'moving'"),
                  "not_moving": one("SELECT count(*) FROM silver WHERE engine_status <> 'moving'")}))
sys.exit(1 if failures else 0)
