"""The telemetry job with DuckDB: duckdb_job.py INPUT OUTPUT REJECTS.

Which of several rows with one key survives is left to DuckDB (they are the same here), which is
several times faster than keeping the first; rows need not keep their order either.
"""

import sys

import duckdb

source, output, rejects = sys.argv[1:]
db = duckdb.connect()
db.execute("SET threads = 2; SET preserve_insertion_order = false; SET TimeZone = 'UTC'")
db.execute(f"""
CREATE TEMP TABLE positions AS
SELECT *, CASE WHEN vehicle_id IS NULL THEN 'vehicle_id'
               WHEN recorded_at IS NULL THEN 'recorded_at'
               WHEN latitude IS NULL OR latitude NOT BETWEEN -90 AND 90 THEN 'latitude_in_range'
               WHEN longitude IS NULL OR longitude NOT BETWEEN -180 AND 180
               THEN 'longitude_in_range'
               WHEN NOT (speed_kmh IS NULL OR speed_kmh BETWEEN 0 AND 180)
               THEN 'speed_plausible' END AS broken
FROM read_csv('{source}', header = true, store_rejects = true,
              columns = {{'vehicle_id': 'VARCHAR', 'recorded_at': 'TIMESTAMP',
                         'latitude': 'DOUBLE', 'longitude': 'DOUBLE', 'speed_kmh': 'DOUBLE',
                         'engine_status': 'VARCHAR'}})
""")
db.execute(f"""
COPY (SELECT * EXCLUDE (broken), 2 * 6371.0088 * asin(sqrt(
               pow(sin(radians(latitude - 39.9042) / 2), 2)
               + cos(radians(39.9042)) * cos(radians(latitude))
               * pow(sin(radians(longitude - 116.4074) / 2), 2))) AS distance_from_depot_km
      FROM (SELECT DISTINCT ON (vehicle_id, recorded_at) * FROM positions WHERE broken IS NULL))
TO '{output}' (FORMAT parquet, COMPRESSION zstd)
""")
db.execute(f"""
COPY (SELECT broken AS rule, NULL AS line,
             concat_ws(',', vehicle_id, recorded_at, latitude, longitude, speed_kmh, engine_status)
             AS raw FROM positions WHERE broken IS NOT NULL
      UNION ALL SELECT error_message, line, csv_line FROM reject_errors)
TO '{rejects}' (FORMAT json)
""")
