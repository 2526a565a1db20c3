"""The streaming job in Spark Structured Streaming: spark_job.py FOLDER OUT

Files of 50,000 events, two of them a micro-batch, until all are read.
"""

import sys

from pyspark.sql import SparkSession, functions as f

folder, out = sys.argv[1], sys.argv[2]
spark = (
    SparkSession.builder.master("local[2]").appName("benchmark")
    .config("spark.sql.shuffle.partitions", "2")
    .config("spark.sql.session.timeZone", "UTC")
    .config("spark.ui.enabled", "false")
    .getOrCreate())
spark.sparkContext.setLogLevel("ERROR")

vehicles = spark.read.csv(
    f"{folder}/vehicles.csv", header=True, schema="vehicle_id string, depot string")
events = (
    spark.readStream.schema("vehicle_id string, recorded_at timestamp, speed_kmh double")
    .option("maxFilesPerTrigger", 2).json(f"{folder}/chunks")
    .join(f.broadcast(vehicles), "vehicle_id", "left"))
fits = f.coalesce(f.col("speed_kmh").between(0, 200) & f.col("depot").isNotNull(), f.lit(False))

windows = (
    events.where(fits).withWatermark("recorded_at", "10 seconds")
    .groupBy("depot", f.window("recorded_at", "1 minute"))
    .agg(f.count("*").alias("events"), f.avg("speed_kmh").alias("mean_speed_kmh"),
         f.max("speed_kmh").alias("fastest_kmh"))
    .select("depot", f.col("window.start").alias("window_start"), "events", "mean_speed_kmh",
            "fastest_kmh"))
rejects = events.where(~fits).drop("depot")


def start(rows, name):
    return (
        rows.writeStream.format("parquet").outputMode("append").trigger(availableNow=True)
        .option("path", f"{out}/{name}").option("checkpointLocation", f"{out}/checkpoint/{name}")
        .start())


for query in [start(windows, "windows"), start(rejects, "rejects")]:
    query.awaitTermination()
spark.stop()
