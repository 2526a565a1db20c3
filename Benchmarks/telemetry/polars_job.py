"""The telemetry job with Polars: polars_job.py INPUT OUTPUT REJECTS.

A seventh column takes what rows with too many fields have too much, so that they are found.
"""

import math
import os
import sys

os.environ["POLARS_MAX_THREADS"] = "2"
import polars as pl

source, output, rejects = sys.argv[1:]
names = ["vehicle_id", "recorded_at", "latitude", "longitude", "speed_kmh", "engine_status"]
rows = pl.scan_csv(
    source, has_header=False, skip_rows=1, truncate_ragged_lines=True, row_index_name="line",
    missing_columns="insert",
    schema={name: pl.String for name in [*names, "surplus"]},
)
typed = rows.with_columns(
    pl.concat_str([*names, "surplus"], separator=",", ignore_nulls=True).alias("raw"),
    pl.col("recorded_at").str.to_datetime("%Y-%m-%dT%H:%M:%SZ", strict=False),
    *[pl.col(name).cast(pl.Float64, strict=False) for name in ("latitude", "longitude")],
    pl.col("speed_kmh").cast(pl.Float64, strict=False),
    (pl.col("speed_kmh").is_not_null()
     & pl.col("speed_kmh").cast(pl.Float64, strict=False).is_null()).alias("bad_speed"),
).with_columns(
    pl.when(pl.col("surplus").is_not_null()).then(pl.lit("too many fields"))
    .when(pl.col("vehicle_id").is_null()).then(pl.lit("vehicle_id"))
    .when(pl.col("recorded_at").is_null()).then(pl.lit("recorded_at"))
    .when(pl.col("bad_speed")).then(pl.lit("speed_kmh"))
    .when(~pl.col("latitude").is_between(-90, 90).fill_null(False))
    .then(pl.lit("latitude_in_range"))
    .when(~pl.col("longitude").is_between(-180, 180).fill_null(False))
    .then(pl.lit("longitude_in_range"))
    .when(~pl.col("speed_kmh").is_between(0, 180).fill_null(True))
    .then(pl.lit("speed_plausible"))
    .alias("rule")
)
latitude = pl.col("latitude").radians()
half_latitude = (pl.col("latitude") - 39.9042).radians() / 2
half_longitude = (pl.col("longitude") - 116.4074).radians() / 2
silver = (
    typed.filter(pl.col("rule").is_null())
    .unique(subset=["vehicle_id", "recorded_at"], keep="any")
    .select(
        *names,
        (2 * 6371.0088 * (half_latitude.sin().pow(2)
         + math.cos(math.radians(39.9042)) * latitude.cos() * half_longitude.sin().pow(2))
         .sqrt().arcsin()).alias("distance_from_depot_km"),
    )
)
bad = typed.filter(pl.col("rule").is_not_null()).select("line", "rule", "raw")
pl.collect_all(
    [
        silver.sink_parquet(output, compression="zstd", lazy=True),
        bad.sink_ndjson(rejects, lazy=True),
    ],
    engine="streaming",
)
