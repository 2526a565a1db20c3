"""Times the telemetry job in pipec, DuckDB and Polars, in turn, and prints medians and ratios.

    run.py PIPEC GENERATOR [--rows N] [--rounds N]

Each job is a process of its own, timed from start to end, with its peak memory as the kernel
counted it. The jobs take turns within a round, in an order that changes from round to round, so
that what else the machine does hits all of them alike. Before anything is timed the outputs are
compared.
"""

import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

here = pathlib.Path(__file__).resolve().parent
parser = argparse.ArgumentParser()
parser.add_argument("pipec", type=pathlib.Path)
parser.add_argument("generator", type=pathlib.Path)
parser.add_argument("--rows", type=int, default=2_000_000)
parser.add_argument("--rounds", type=int, default=7)
options = parser.parse_args()


def timed(command, folder):
    """Seconds and peak memory in MB of one process."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{command} failed:\n{errors.decode()}")
    return seconds, usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime


def prepare(folder, rows):
    folder.mkdir()
    with open(folder / "telemetry.csv", "wb") as file:
        subprocess.run([options.generator, str(rows)], stdout=file, check=True)
    shutil.copy(here / "telemetry" / "pipec.yaml", folder)


def pipec(folder):
    # A first run: nothing of an earlier one is replaced.
    shutil.rmtree(folder / "out", ignore_errors=True)
    shutil.rmtree(folder / ".pipec", ignore_errors=True)
    return timed([options.pipec.resolve(), "run", "--quiet"], folder)


def peer(name):
    def run(folder):
        return timed(
            [sys.executable, here / "telemetry" / f"{name}_job.py", "telemetry.csv",
             f"{name}.parquet", f"{name}.json"], folder)
    return run


jobs = {"pipec": pipec, "DuckDB": peer("duckdb"), "Polars": peer("polars")}


with tempfile.TemporaryDirectory(prefix="pipec-bench-") as temporary:
    folder = pathlib.Path(temporary) / "large"
    prepare(folder, options.rows)
    size = (folder / "telemetry.csv").stat().st_size / 1e6
    print(f"{options.rows:,} rows, {size:.0f} MB of CSV, {os.cpu_count()} cores")
    for run in jobs.values():
        run(folder)
    # In a process of its own: what this one holds would count as theirs until they have started.
    subprocess.run([sys.executable, here / "telemetry" / "compare.py", folder], check=True)
    results = {name: [] for name in jobs}
    names = list(jobs)
    for number in range(options.rounds):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            results[name].append(jobs[name](folder))
    print(f"\n{'':8}{'median':>9}{'fastest':>9}{'CPU':>8}{'memory':>10}   pipec / it, paired")
    for name, runs in results.items():
        seconds = [run[0] for run in runs]
        ratio = statistics.median(
            ours[0] / theirs[0] for ours, theirs in zip(results["pipec"], runs))
        print(f"{name:8}{statistics.median(seconds):8.2f}s{min(seconds):8.2f}s"
              f"{statistics.median(run[2] for run in runs):7.2f}s"
              f"{max(run[1] for run in runs):7.0f} MB"
              + (f"   {ratio:.2f}" if name != "pipec" else ""))

    small = pathlib.Path(temporary) / "small"
    prepare(small, 1000)
    pipec(small)
    runs = [pipec(small) for _ in range(15)]
    print(f"\n1,000 rows: {statistics.median(run[0] for run in runs) * 1000:.0f} ms, "
          f"{statistics.median(run[2] for run in runs) * 1000:.0f} ms of processor time, "
          f"{max(run[1] for run in runs):.0f} MB")
