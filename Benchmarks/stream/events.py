"""Writes the input of the streaming job into a folder: events.py FOLDER EVENTS

vehicles.csv        2,000 vehicles of 20 depots
events.jsonl        all events, in the order in which they arrive: what `pipec feed` takes
shards/             the same in two files, the events of a depot in one of them
chunks/             the same in files of 50,000 events, one after the other

500 events a second, up to five seconds out of order. One in a thousand has a speed that cannot be,
one in a thousand a vehicle that nobody knows.
"""

import pathlib
import random
import sys

folder, count = pathlib.Path(sys.argv[1]), int(sys.argv[2])
choose = random.Random(7)
vehicles = [f"VH-{number:05d}" for number in range(2000)]
chunk_size = 50_000

with open(folder / "vehicles.csv", "w") as out:
    out.write("vehicle_id,depot\n")
    out.writelines(f"{name},depot-{number % 20}\n" for number, name in enumerate(vehicles))


def event(number):
    """The shard of an event, and its line."""
    second = max(0, number // 500 - choose.randrange(5))
    speed = -1 if choose.random() < 0.001 else round(choose.uniform(0, 120), 1)
    vehicle = choose.randrange(2000)
    name = vehicles[vehicle] if choose.random() >= 0.001 else f"XX-{vehicle:05d}"
    hours, rest = divmod(second, 3600)
    minutes, seconds = divmod(rest, 60)
    return vehicle % 2, (
        f'{{"vehicle_id":"{name}",'
        f'"recorded_at":"2026-01-{1 + hours // 24:02d}'
        f'T{hours % 24:02d}:{minutes:02d}:{seconds:02d}Z",'
        f'"speed_kmh":{speed}}}\n')


for name in ("shards", "chunks"):
    (folder / name).mkdir()
with open(folder / "events.jsonl", "w") as all_events, \
        open(folder / "shards" / "events-0.jsonl", "w") as even, \
        open(folder / "shards" / "events-1.jsonl", "w") as odd:
    for start in range(0, count, chunk_size):
        lines = [event(number) for number in range(start, min(count, start + chunk_size))]
        all_events.writelines(line for _, line in lines)
        even.writelines(line for shard, line in lines if shard == 0)
        odd.writelines(line for shard, line in lines if shard == 1)
        (folder / "chunks" / f"events-{start // chunk_size:05d}.jsonl").write_text(
            "".join(line for _, line in lines))
