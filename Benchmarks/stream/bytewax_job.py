"""The same job in Bytewax: python -m bytewax.run 'bytewax_job:flow("FOLDER")' -w 2"""
import csv, json, os
from datetime import datetime, timedelta, timezone

import bytewax.operators as op
import bytewax.operators.windowing as windowing
import pyarrow as pa
import pyarrow.parquet as parquet
from bytewax.connectors.files import FileSource
from bytewax.dataflow import Dataflow
from bytewax.operators.windowing import EventClock, TumblingWindower
from bytewax.outputs import DynamicSink, StatelessSinkPartition

START = datetime(2026, 1, 1, tzinfo=timezone.utc)


class ParquetPartition(StatelessSinkPartition):
    def __init__(self, folder, worker):
        self.folder, self.worker, self.number = folder, worker, 0

    def write_batch(self, items):
        if not items:
            return
        table = pa.Table.from_pylist([
            {"depot": key, "window": window, "events": n, "mean_speed_kmh": total / n,
             "fastest_kmh": fastest}
            for key, (window, (n, total, fastest)) in items])
        parquet.write_table(table, f"{self.folder}/part-{self.worker}-{self.number}.parquet")
        self.number += 1


class ParquetSink(DynamicSink):
    def __init__(self, folder):
        self.folder = folder

    def build(self, step_id, worker_index, worker_count):
        return ParquetPartition(self.folder, worker_index)


def flow(folder):
    with open(f"{folder}/vehicles.csv") as file:
        depots = {row["vehicle_id"]: row["depot"] for row in csv.DictReader(file)}
    os.makedirs(f"{folder}/bytewax", exist_ok=True)

    def event(line):
        row = json.loads(line)
        if not 0 <= row["speed_kmh"] <= 200:
            return None
        depot = depots.get(row["vehicle_id"])
        if depot is None:
            return None
        return depot, (datetime.fromisoformat(row["recorded_at"]), row["speed_kmh"])

    def fold(state, value):
        n, total, fastest = state
        return n + 1, total + value[1], max(fastest, value[1])

    def merge(a, b):
        return a[0] + b[0], a[1] + b[1], max(a[2], b[2])

    dataflow = Dataflow("benchmark")
    lines = op.input("in", dataflow, FileSource(f"{folder}/events.jsonl", batch_size=1000))
    events = op.filter_map("event", lines, event)
    clock = EventClock(lambda value: value[0], wait_for_system_duration=timedelta(seconds=10))
    windows = windowing.fold_window(
        "window", events, clock, TumblingWindower(length=timedelta(minutes=1), align_to=START),
        lambda: (0, 0.0, float("-inf")), fold, merge)
    op.output("out", windows.down, ParquetSink(f"{folder}/bytewax"))
    return dataflow
