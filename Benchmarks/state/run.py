#!/usr/bin/env python3
"""State of ten million keys in a streaming run: run.py PIPEC [--memory SIZE]

Three operators that remember every key: dedupe, latest, open windows. Prints for each how long the
run took, the most memory its process held, the most that the state took in memory by pipec's own
account and on disk, and beside them the bounds: what the plan says the state may take, and the half
of --memory that a run allows it.
"""

import argparse
import json
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request

here = pathlib.Path(__file__).resolve().parent
parser = argparse.ArgumentParser()
parser.add_argument("pipec", type=pathlib.Path)
parser.add_argument("--memory", default="4GB")
options = parser.parse_args()
pipec = options.pipec.resolve()
units = {"KB": 1e3, "MB": 1e6, "GB": 1e9, "": 1}
number, unit = re.fullmatch(r"([0-9.]+) *([A-Z]*)", options.memory).groups()
allowed = float(number) * units[unit] / 2


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def planned(node, folder):
    """The bound the plan gives the state of a node, in bytes."""
    text = subprocess.run(
        [pipec, "plan", "--mode", "streaming", "--format", "json"], cwd=folder, check=True,
        capture_output=True, text=True).stdout
    nodes = json.loads(text)["nodes"]
    return sum(
        step.get("memory_bound", 0) for entry in nodes if entry["name"] == node
        for step in entry["operators"])


def accounted(port):
    """What the state takes in memory, as the run itself says."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=1) as page:
            found = re.search(r"^pipec_state_memory_bytes\{[^}]*\} (\S+)", page.read().decode(), re.M)
    except (urllib.error.URLError, OSError):
        return 0
    return float(found[1]) if found else 0


def on_disk(folder):
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except OSError:
            pass  # Merged into another in between.
    return total


def resident(pid):
    try:
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) * 1024
    except (OSError, TypeError):
        return 0


def measure(node):
    with tempfile.TemporaryDirectory(prefix="pipec-bench-") as temporary:
        folder, port = pathlib.Path(temporary), free_port()
        shutil.copy(here / "pipec.yaml", folder)
        bound, start = planned(node, folder), time.perf_counter()
        run = subprocess.Popen(
            [pipec, "run", "--mode", "streaming", "--until-idle", "--quiet", "--select", node,
             "--memory", options.memory, "--listen", f"127.0.0.1:{port}"],
            cwd=folder, stderr=subprocess.PIPE, text=True)
        most = {"memory": 0, "accounted": 0, "disk": 0}
        ended = threading.Event()

        def watch():
            while not ended.wait(0.1):
                most["memory"] = max(most["memory"], resident(run.pid))
                most["accounted"] = max(most["accounted"], accounted(port))
                most["disk"] = max(most["disk"], on_disk(folder / ".pipec" / "state"))

        watcher = threading.Thread(target=watch)
        watcher.start()
        errors = run.communicate()[1]
        seconds = time.perf_counter() - start
        ended.set()
        watcher.join()
        if run.returncode != 0:
            print(f"{node:12}refused: {errors.splitlines()[0]}")
            return
        print(f"{node:12}{seconds:9.1f}{most['memory'] / 1e6:12.0f}{most['accounted'] / 1e6:12.0f}"
              f"{most['disk'] / 1e6:12.0f}{bound / 1e6:12.0f}{allowed / 1e6:12.0f}", flush=True)


print(f"10,000,000 keys, --memory {options.memory}; MB")
print(f"{'':12}{'seconds':>9}{'process':>12}{'state':>12}{'on disk':>12}{'planned':>12}{'allowed':>12}")
for node in ("out.dedupe", "out.latest", "out.windows"):
    measure(node)
