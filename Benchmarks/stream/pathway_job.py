"""The streaming job in Pathway: pathway_job.py FOLDER OUT, with PATHWAY_THREADS workers.

The file is read in commits of a second at most; what a commit brings is written as a Parquet file.
"""

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


class Vehicle(pw.Schema):
    vehicle_id: str = pw.column_definition(primary_key=True)
    depot: str


class ParquetFiles:
    """A file for each commit that has rows. Windows come once, when they are over."""

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


events = pw.io.jsonlines.read(folder / "events.jsonl", schema=Event, mode="static", autocommit_duration_ms=1000)
vehicles = pw.io.csv.read(folder / "vehicles.csv", schema=Vehicle, mode="static")

known = events.join_left(vehicles, pw.left.vehicle_id == pw.right.vehicle_id).select(
    pw.left.vehicle_id, pw.left.recorded_at, pw.left.speed_kmh, pw.right.depot)
fits = (pw.this.speed_kmh >= 0) & (pw.this.speed_kmh <= 200) & pw.this.depot.is_not_none()
accepted = known.filter(fits).select(
    depot=pw.unwrap(pw.this.depot), speed_kmh=pw.this.speed_kmh,
    recorded_at=pw.this.recorded_at.dt.strptime("%Y-%m-%dT%H:%M:%SZ", contains_timezone=False))
rejected = known.filter(~fits).select(pw.this.vehicle_id, pw.this.recorded_at, pw.this.speed_kmh)
minute = pw.Duration(minutes=1)
windows = accepted.windowby(
    pw.this.recorded_at, window=pw.temporal.tumbling(duration=minute), instance=pw.this.depot,
    behavior=pw.temporal.exactly_once_behavior(shift=pw.Duration(seconds=10)),
).reduce(
    depot=pw.this._pw_instance, window_start=pw.this._pw_window_start, events=pw.reducers.count(),
    mean_speed_kmh=pw.reducers.avg(pw.this.speed_kmh),
    fastest_kmh=pw.reducers.max(pw.this.speed_kmh))

ParquetFiles(windows, "windows")
ParquetFiles(rejected, "rejects")
pw.run(monitoring_level=pw.MonitoringLevel.NONE)
