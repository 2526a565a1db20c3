"""The streaming job in Flink: flink_job.py FOLDER OUT

Flink SQL in a local cluster of this process, two slots, a checkpoint a second. It reads a file a
shard. A lookup that keeps event time is a temporal join. The jar of Flink's Parquet format is not
to be had from PyPI, so the windows and the rejected rows are files of JSON lines.
"""

import sys

from pyflink.table import EnvironmentSettings, TableEnvironment

folder, out = sys.argv[1], sys.argv[2]
environment = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
for key, value in {
    "parallelism.default": "2",
    "execution.checkpointing.interval": "1s",
    "table.local-time-zone": "UTC",
    "rest.bind-address": "127.0.0.1",
    "rest.port": "0",
}.items():
    environment.get_config().set(key, value)


# Files of rows outlive checkpoints unless somebody says otherwise.
every_second = (
    "'sink.rolling-policy.rollover-interval' = '1s', 'sink.rolling-policy.check-interval' = '1s'")


def sql(text):
    return environment.execute_sql(text)


sql(f"""
CREATE TABLE events (
    vehicle_id STRING, recorded_at TIMESTAMP_LTZ(3), speed_kmh DOUBLE,
    WATERMARK FOR recorded_at AS recorded_at - INTERVAL '10' SECOND
) WITH ('connector' = 'filesystem', 'path' = 'file://{folder}/shards', 'format' = 'json',
        'json.timestamp-format.standard' = 'ISO-8601')""")
sql(f"""
CREATE TABLE vehicle_file (
    vehicle_id STRING, depot STRING, since AS TO_TIMESTAMP_LTZ(0, 3),
    WATERMARK FOR since AS since
) WITH ('connector' = 'filesystem', 'path' = 'file://{folder}/vehicles.csv', 'format' = 'csv')""")
sql("""
CREATE VIEW vehicles AS
SELECT vehicle_id, depot, since FROM (
    SELECT *, ROW_NUMBER() OVER (PARTITION BY vehicle_id ORDER BY since DESC) AS version
    FROM vehicle_file)
WHERE version = 1""")
sql("""
CREATE VIEW known AS
SELECT e.vehicle_id, e.recorded_at, e.speed_kmh, v.depot,
       COALESCE(e.speed_kmh BETWEEN 0 AND 200, FALSE) AND v.depot IS NOT NULL AS fits
FROM events AS e
LEFT JOIN vehicles FOR SYSTEM_TIME AS OF e.recorded_at AS v ON e.vehicle_id = v.vehicle_id""")
sql(f"""
CREATE TABLE windows (
    depot STRING, window_start TIMESTAMP(3), events BIGINT, mean_speed_kmh DOUBLE,
    fastest_kmh DOUBLE
) WITH ('connector' = 'filesystem', 'path' = 'file://{out}/windows', 'format' = 'json',
        {every_second})""")
sql(f"""
CREATE TABLE rejects (
    vehicle_id STRING, recorded_at TIMESTAMP_LTZ(3), speed_kmh DOUBLE
) WITH ('connector' = 'filesystem', 'path' = 'file://{out}/rejects', 'format' = 'json',
        {every_second})""")

statements = environment.create_statement_set()
statements.add_insert_sql("""
INSERT INTO windows
SELECT depot, window_start, COUNT(*), AVG(speed_kmh), MAX(speed_kmh)
FROM TABLE(TUMBLE(
    (SELECT * FROM known WHERE fits), DESCRIPTOR(recorded_at), INTERVAL '1' MINUTE))
GROUP BY depot, window_start, window_end""")
statements.add_insert_sql(
    "INSERT INTO rejects SELECT vehicle_id, recorded_at, speed_kmh FROM known WHERE NOT fits")
statements.execute().wait()
