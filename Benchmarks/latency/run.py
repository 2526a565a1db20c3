#!/usr/bin/env python3
"""From a row that is accepted to where it can be seen: run.py PIPEC [--rate N] [--seconds N]

Posts rows at a fixed rate, in time with the clock whatever the answers take, to a streaming run that
looks each row up and writes it into an embedded queue and into Parquet files. Two processes beside
it look all the time (5 ms apart) at what others can see: messages of the queue whose epoch is
committed, and files that the table lists. A row is accepted at the time that the log gave it
(`received_at`, before it is on disk); it was offered when the clock said so (`offered_at`).
"""

import argparse
import datetime
import http.client
import json
import multiprocessing
import pathlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

import pyarrow.parquet as parquet

here = pathlib.Path(__file__).resolve().parent
parser = argparse.ArgumentParser()
parser.add_argument("pipec", type=pathlib.Path)
parser.add_argument("--rate", type=int, default=2000)
parser.add_argument("--seconds", type=int, default=60)
parser.add_argument("--interval", default="100 ms")
options = parser.parse_args()
port = 18481  # as in pipec.yaml
batch, senders, look = 20, 4, 0.005


def send(sender, start, delays):
    """Posts every `senders`-th batch, each at its time."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for number in range(sender, options.rate * options.seconds // batch, senders):
        due = start + number * batch / options.rate
        time.sleep(max(0, due - time.time()))
        offered = datetime.datetime.fromtimestamp(due, datetime.timezone.utc).isoformat()
        first = number * batch
        body = json.dumps([
            {"reading_id": row, "offered_at": offered, "vehicle_id": f"VH-{row % 2000:05d}",
             "speed_kmh": row % 1200 / 10, "note": f"reading {row}"}
            for row in range(first, first + batch)])
        connection.request("POST", "/readings", body)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 202:
            sys.exit(f"not accepted: {answer.status}")
        delays.append(time.time() - due)


def watch_queue(path, ended, seen):
    """When the last message that others can see was which."""
    while not path.exists():
        time.sleep(look)
    queue = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
    last, found = 0, []
    while not ended.is_set():
        time.sleep(look)
        try:
            newest = queue.execute(
                "SELECT coalesce(max(id), 0) FROM messages WHERE id > ? AND (epoch IS NULL OR epoch "
                "IN (SELECT token FROM epochs))", (last,)).fetchone()[0]
        except sqlite3.OperationalError:
            continue  # Not made yet.
        if newest > last:
            last = newest
            found.append((last, time.time()))
    seen.put(found)


def watch_files(path, ended, seen):
    """When the table first listed each of its files."""
    found, changed = {}, None
    while not ended.is_set():
        time.sleep(look)
        try:
            now = path.stat().st_mtime_ns, path.stat().st_ino
            if now == changed:
                continue
            listed = json.loads(path.read_text())["files"]
        except (FileNotFoundError, json.JSONDecodeError):
            continue
        at, changed = time.time(), now
        for file in listed:
            found.setdefault(file["path"], at)
    seen.put(found)


def watching(target, path):
    ended, seen = multiprocessing.Event(), multiprocessing.Queue()
    process = multiprocessing.Process(target=target, args=(path, ended, seen))
    process.start()

    def finish():
        ended.set()
        found = seen.get()
        process.join()
        return found
    return finish


def seconds(text):
    return datetime.datetime.fromisoformat(text).timestamp()


def queue_delays(path, seen):
    """Of each message from when it was accepted, and offered, to when it could be received."""
    accepted, offered, times = [], [], iter(seen)
    last, at = next(times)
    for number, body in sqlite3.connect(path).execute("SELECT id, body FROM messages ORDER BY id"):
        while number > last:
            last, at = next(times)
        row = json.loads(body)
        accepted.append(at - seconds(row["received_at"]))
        offered.append(at - seconds(row["offered_at"]))
    return accepted, offered


def file_delays(folder, seen):
    accepted, offered = [], []
    for name, at in seen.items():
        table = parquet.read_table(folder / name, columns=["received_at", "offered_at"])
        accepted += [at - value.timestamp() for value in table["received_at"].to_pylist()]
        offered += [at - value.timestamp() for value in table["offered_at"].to_pylist()]
    return accepted, offered


def line(name, delays):
    delays.sort()
    count = len(delays)
    print(f"{name:34}{count:9,}" + "".join(
        f"{delays[min(count - 1, int(count * part))] * 1000:9.0f}" for part in (0.5, 0.99, 1)))


def main():
    with tempfile.TemporaryDirectory(prefix="pipec-bench-") as temporary:
        folder = pathlib.Path(temporary)
        shutil.copy(here / "pipec.yaml", folder)
        with open(folder / "vehicles.csv", "w") as out:
            out.write("vehicle_id,depot\n")
            out.writelines(f"VH-{number:05d},depot-{number % 20}\n" for number in range(2000))
        queue = folder / ".pipec" / "sqs" / "readings.sqlite"
        run = subprocess.Popen(
            [options.pipec.resolve(), "run", "--mode", "streaming", "--quiet", "--interval",
             options.interval], cwd=folder, stderr=subprocess.PIPE, text=True)
        try:
            while True:
                if run.poll() is not None:
                    sys.exit(f"pipec ended: {run.stderr.read()}")
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    time.sleep(0.05)
            finish_queue = watching(watch_queue, queue)
            finish_files = watching(watch_files, folder / "out" / "readings" / "_pipec.json")
            acknowledged, start = [], time.time() + 0.5
            threads = [
                threading.Thread(target=send, args=(sender, start, acknowledged))
                for sender in range(senders)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            time.sleep(2)
        finally:
            run.send_signal(signal.SIGTERM)
            run.wait()
        queued, queued_offered = queue_delays(queue, finish_queue())
        filed, filed_offered = file_delays(folder / "out" / "readings", finish_files())

    wanted = options.rate * options.seconds // batch * batch
    print(f"{options.rate:,} rows a second for {options.seconds} s, --interval {options.interval}")
    print(f"{'milliseconds':34}{'rows':>9}{'p50':>9}{'p99':>9}{'max':>9}")
    line("offered → acknowledged", [delay for delay in acknowledged for _ in range(batch)])
    line("accepted → in the queue", queued)
    line("accepted → in a committed file", filed)
    line("offered → in the queue", queued_offered)
    line("offered → in a committed file", filed_offered)
    if not len(queued) == len(filed) == wanted:
        sys.exit(f"{wanted} rows were offered")


main()
