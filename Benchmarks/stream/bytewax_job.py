"""The streaming job in Bytewax: python -m bytewax.run 'bytewax_job:flow("FOLDER", "OUT")' …

It reads a file a shard, all events of a depot from one of them, and parses a batch of lines in one
call. Rows that break a rule, or whose vehicle nobody knows, are kept beside the windows.
"""

import csv
import os
from datetime import datetime, timedelta, timezone
from pathlib import Path

import bytewax.operators as op
import bytewax.operators.windowing as windowing
import orjson
import pyarrow as pa
import pyarrow.parquet as parquet
from bytewax.connectors.files import DirSource
from bytewax.dataflow import Dataflow
from bytewax.operators.windowing import EventClock, TumblingWindower
from bytewax.outputs import DynamicSink, StatelessSinkPartition

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
MINUTE = timedelta(minutes=1)


class ParquetPartition(StatelessSinkPartition):
    """A file for each batch that reaches the sink."""

    def __init__(self, folder, worker, to_row):
        self.name, self.number, self.to_row = f"{folder}/part-{os.getpid()}-{worker}", 0, to_row

    def write_batch(self, items):
        if items:
            table = pa.Table.from_pylist([self.to_row(item) for item in items])
            parquet.write_table(table, f"{self.name}-{self.number}.parquet")
            self.number += 1


class ParquetSink(DynamicSink):
    def __init__(self, folder, to_row):
        self.folder, self.to_row = folder, to_row
        os.makedirs(folder, exist_ok=True)

    def build(self, step_id, worker_index, worker_count):
        return ParquetPartition(self.folder, worker_index, self.to_row)


def window_row(item):
    depot, (window, (events, total, fastest)) = item
    return {"depot": depot, "window_start": START + window * MINUTE, "events": events,
            "mean_speed_kmh": total / events, "fastest_kmh": fastest}


def flow(folder, out):
    with open(f"{folder}/vehicles.csv") as file:
        depots = {row["vehicle_id"]: row["depot"] for row in csv.DictReader(file)}

    def parse(lines):
        rows = []
        for line in lines:
            row = orjson.loads(line)
            speed, depot = row["speed_kmh"], depots.get(row["vehicle_id"])
            if depot is None or not 0 <= speed <= 200:
                rows.append((None, row))
            else:
                rows.append((depot, (datetime.fromisoformat(row["recorded_at"]), speed)))
        return rows

    def fold(state, value):
        events, total, fastest = state
        speed = value[1]
        return events + 1, total + speed, speed if speed > fastest else fastest

    def merge(a, b):
        return a[0] + b[0], a[1] + b[1], max(a[2], b[2])

    dataflow = Dataflow("benchmark")
    lines = op.input("in", dataflow, DirSource(Path(folder) / "shards", batch_size=1000))
    parsed = op.branch(
        "validate", op.flat_map_batch("parse", lines, parse), lambda item: item[0] is not None)
    clock = EventClock(lambda value: value[0], wait_for_system_duration=timedelta(seconds=10))
    windows = windowing.fold_window(
        "window", parsed.trues, clock, TumblingWindower(length=MINUTE, align_to=START),
        lambda: (0, 0.0, float("-inf")), fold, merge)
    op.output("windows", windows.down, ParquetSink(f"{out}/windows", window_row))
    op.output("rejects", parsed.falses, ParquetSink(f"{out}/rejects", lambda item: item[1]))
    return dataflow
