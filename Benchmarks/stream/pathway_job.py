"""The streaming job in Pathway: pathway_job.py FOLDER OUT, with PATHWAY_THREADS workers.

A file that is read once (`static`) is one commit, which is where Pathway is quickest: with nothing
that comes after it, windows need neither a watermark nor `windowby`, and are groups by minute. A
dictionary is quicker here than its joins. What a commit brings is written as a Parquet file; its own
writers of Parquet need a licence key.
"""

import csv
import pathlib
import sys

import pathway as pw
import pyarrow as pa
import pyarrow.parquet as parquet

folder, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])


class Event(pw.Schema):
    vehicle_id: str
    recorded_at: str
    speed_kmh: float


class ParquetFiles:
    """A file for each commit that has rows."""

    def __init__(self, table, name):
        self.folder, self.rows = out / name, []
        self.folder.mkdir(parents=True)
        pw.io.subscribe(table, on_change=self.take, on_time_end=self.write, on_end=self.write)

    def take(self, key, row, time, is_addition):
        assert is_addition
        self.rows.append(row)

    def write(self, time="end"):
        if self.rows:
            parquet.write_table(
                pa.Table.from_pylist(self.rows), self.folder / f"part-{time}.parquet")
            self.rows = []


events = pw.io.jsonlines.read(folder / "events.jsonl", schema=Event, mode="static")
with open(folder / "vehicles.csv") as file:
    depots = {row["vehicle_id"]: row["depot"] for row in csv.DictReader(file)}

known = events.select(
    *pw.this, depot=pw.apply_with_type(depots.get, str | None, pw.this.vehicle_id))
fits = (pw.this.speed_kmh >= 0) & (pw.this.speed_kmh <= 200) & pw.this.depot.is_not_none()
accepted = known.filter(fits).select(
    depot=pw.unwrap(pw.this.depot), speed_kmh=pw.this.speed_kmh,
    window_start=pw.this.recorded_at.dt.strptime("%Y-%m-%dT%H:%M:%SZ", contains_timezone=False)
    .dt.floor(pw.Duration(minutes=1)))
rejected = known.filter(~fits).select(pw.this.vehicle_id, pw.this.recorded_at, pw.this.speed_kmh)
windows = accepted.groupby(pw.this.depot, pw.this.window_start).reduce(
    pw.this.depot, pw.this.window_start, events=pw.reducers.count(),
    mean_speed_kmh=pw.reducers.avg(pw.this.speed_kmh),
    fastest_kmh=pw.reducers.max(pw.this.speed_kmh))

ParquetFiles(windows, "windows")
ParquetFiles(rejected, "rejects")
pw.run(monitoring_level=pw.MonitoringLevel.NONE)
