"""Writes the benchmark's input: events.jsonl (rows given) and vehicles.csv, in the folder given."""
import random, sys

folder, rows = sys.argv[1], int(sys.argv[2])
choose = random.Random(7)
vehicles = [f"VH-{i:05d}" for i in range(2000)]
with open(f"{folder}/vehicles.csv", "w") as out:
    out.write("vehicle_id,depot\n")
    for i, vehicle in enumerate(vehicles):
        out.write(f"{vehicle},depot-{i % 20}\n")
with open(f"{folder}/events.jsonl", "w") as out:
    for i in range(rows):
        # 500 events a second, up to five seconds out of order.
        second = max(0, i // 500 - choose.randrange(5))
        speed = -1 if choose.random() < 0.001 else round(choose.uniform(0, 120), 1)
        hours, rest = divmod(second, 3600)
        minutes, seconds = divmod(rest, 60)
        day = 1 + hours // 24
        out.write(
            f'{{"vehicle_id":"{choose.choice(vehicles)}",'
            f'"recorded_at":"2026-01-{day:02d}T{hours % 24:02d}:{minutes:02d}:{seconds:02d}Z",'
            f'"speed_kmh":{speed}}}\n')
