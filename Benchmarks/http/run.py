#!/usr/bin/env python3
"""Acknowledged records a second by HTTP, with wrk: run.py PIPEC [--seconds N] [--rounds N]

The streaming run that listens also reads what it acknowledged, checks it and writes it to Parquet
at the same time, on the same cores as wrk. Afterwards the rows in the table are counted: every
acknowledged row must be there once.
"""

import argparse
import json
import pathlib
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

here = pathlib.Path(__file__).resolve().parent
parser = argparse.ArgumentParser()
parser.add_argument("pipec", type=pathlib.Path)
parser.add_argument("--seconds", type=int, default=15)
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--connections", type=int, default=8)
parser.add_argument("--batches", default="1,25,100,500")
options = parser.parse_args()
pipec = options.pipec.resolve()
port = 18480  # as in pipec.yaml


def wait_for_listener(run):
    for _ in range(200):
        if run.poll() is not None:
            sys.exit(f"pipec ended: {run.stderr.read()}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    sys.exit("pipec does not listen")


def load(rows):
    """What wrk saw, and the rows in the table afterwards."""
    with tempfile.TemporaryDirectory(prefix="pipec-bench-") as folder:
        shutil.copy(here / "pipec.yaml", folder)
        command = [pipec, "run", "--mode", "streaming", "--quiet"]
        run = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True)
        try:
            wait_for_listener(run)
            text = subprocess.run(
                ["wrk", "-t1", f"-c{options.connections}", f"-d{options.seconds}s", "-s",
                 here / "readings.lua", f"http://127.0.0.1:{port}/readings", "--", str(rows)],
                check=True, capture_output=True, text=True).stdout
        finally:
            run.send_signal(signal.SIGTERM)
            run.wait()
        subprocess.run([*command, "--until-idle"], cwd=folder, check=True)
        counted = subprocess.run(
            [pipec, "query", "SELECT count(*) AS n, count(DISTINCT reading_id) AS ids "
             "FROM out.readings", "--format", "jsonl"],
            cwd=folder, check=True, capture_output=True, text=True).stdout
        return json.loads(text.splitlines()[-1]), json.loads(counted)


print(f"{options.connections} connections, {options.seconds} s, medians of {options.rounds} rounds")
print(f"{'records':>8}{'requests/s':>12}{'records/s':>12}{'p50 ms':>9}{'p99 ms':>9}{'max ms':>9}")
results = {int(rows): [] for rows in options.batches.split(",")}
for _ in range(options.rounds):
    for rows in results:
        seen, stored = load(rows)
        if seen["refused"] or seen["errors"]:
            sys.exit(f"not all requests were answered with 202: {seen}")
        # Requests on their way when wrk stops are stored, and nobody waits for their answer.
        missing = seen["acknowledged"] * rows - stored["n"]
        if not -options.connections * rows <= missing <= 0 or stored["n"] != stored["ids"]:
            sys.exit(f"{seen['acknowledged'] * rows} rows were acknowledged, {stored} are stored")
        results[rows].append(seen)
for rows, seen in results.items():
    requests = statistics.median(one["acknowledged"] / one["seconds"] for one in seen)
    p50, p99, worst = (
        statistics.median(one[name] for one in seen) for name in ("p50_ms", "p99_ms", "max_ms"))
    print(f"{rows:8}{requests:12,.0f}{requests * rows:12,.0f}{p50:9.1f}{p99:9.1f}{worst:9.1f}")
