"""Compares what a streaming job made of the events with that of others: compare.py FOLDER NAME

What the first job made is kept in the folder as `expected.pickle`. All must have rejected the same rows and counted the same events in the same windows, with the same
greatest speed and, but for rounding, the same mean. Spark never writes the windows that are open when
its input ends (append mode); there those windows are left out of the comparison.
"""

import json
import math
import pathlib
import pickle
import sys
from datetime import datetime, timezone

import pyarrow.dataset as dataset

folder, name = pathlib.Path(sys.argv[1]), sys.argv[2]
ours, theirs = name.startswith("pipec"), folder / name.split("-")[0]


def rows(path):
    """The rows of a folder of Parquet files, or of JSON lines; what is named `_…` is none."""
    files = [file for file in sorted(path.rglob("*"))
             if file.is_file()
             and not any(part.startswith(("_", ".")) for part in file.relative_to(path).parts)]
    if files and all(file.suffix == ".parquet" for file in files):
        return dataset.dataset(files).to_table().to_pylist()
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def time(value):
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value if value.tzinfo else value.replace(tzinfo=timezone.utc)


def windows():
    found = rows(folder / "out" / "per_minute" if ours else theirs / "windows")
    result = {
        (row["depot"], time(row["window_start"])):
            (row["events"], row["mean_speed_kmh"], row["fastest_kmh"])
        for row in found}
    if len(result) != len(found):
        sys.exit(f"{name} wrote a window more than once")
    return result


def rejected():
    if ours:
        files = (folder / ".pipec" / "dead_letters").rglob("*.jsonl")
        found = [json.loads(json.loads(line)["raw"]) for file in files
                 for line in file.read_text().splitlines()]
    else:
        found = rows(theirs / "rejects")
    return sorted((row["vehicle_id"], time(row["recorded_at"]), row["speed_kmh"]) for row in found)


def same(left, right):
    return left[0] == right[0] and left[2] == right[2] and math.isclose(left[1], right[1])


found, rejects, kept = windows(), rejected(), folder / "expected.pickle"
if not kept.exists():
    kept.write_bytes(pickle.dumps((found, rejects)))
expected, expected_rejects = pickle.loads(kept.read_bytes())
wanted = expected
if name == "spark":
    last = max(window for _, window in expected)
    wanted = {key: value for key, value in expected.items() if key[1] != last}
if found.keys() != wanted.keys():
    sys.exit(f"{name}: {len(found)} windows, expected {len(wanted)}")
for key, value in wanted.items():
    if not same(value, found[key]):
        sys.exit(f"{name}: {key} is {found[key]}, expected {value}")
if rejects != expected_rejects:
    sys.exit(f"{name}: {len(rejects)} rows rejected, expected {len(expected_rejects)}, or others")
print(f"{name}: {len(found)} windows of {sum(value[0] for value in found.values()):,} events, "
      f"{len(rejects):,} rejected", flush=True)
