#!/usr/bin/env python3
"""Times the streaming job in pipec, Bytewax, Pathway, Flink and Spark, in turn.

    run.py PIPEC PEERS [--events N] [--rounds N] [--only NAMES]

PEERS is the folder that scripts/stream-peers.sh makes. Each job is a process of its own with a
clean folder, timed from its start to its end. Processor time is that of all its processes, memory
what they held together at the worst of the moments looked at, twenty a second. The jobs take turns
within a round, in an order that changes from round to round; ratios are medians of the rounds'
ratios. Before anything is timed, the windows and the rejected rows of all jobs are compared.

Each job also runs with a single event. Without that time is what a long run would look like.

What else the machine did meanwhile is measured, too. A job during which others took more than
--others of the processors is timed again, up to --tries times; the quietest try counts.
"""

import argparse
import ctypes
import glob
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import typing

here = pathlib.Path(__file__).resolve().parent
parser = argparse.ArgumentParser()
parser.add_argument("pipec", type=pathlib.Path)
parser.add_argument("peers", type=pathlib.Path)
parser.add_argument("--events", type=int, default=1_000_000)
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--others", type=float, default=0.1)
parser.add_argument("--tries", type=int, default=1)
parser.add_argument("--only", default="pipec,pipec-10,bytewax,bytewax-1s,pathway,flink,spark")
options = parser.parse_args()
options.pipec = options.pipec.resolve()

# What a job leaves behind (a JVM whose Python has ended) becomes a child of this process, so that
# its processor time is counted and it is gone before the next job starts.
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def resident(pid):
    """Bytes that the descendants of a process hold."""
    total = 0
    try:
        for tasks in glob.glob(f"/proc/{pid}/task/*/children"):
            for child in pathlib.Path(tasks).read_text().split():
                pages = int(pathlib.Path(f"/proc/{child}/statm").read_text().split()[1])
                total += pages * resource.getpagesize() + resident(child)
    except (OSError, IndexError):
        pass  # It has ended in between.
    return total


def processor_time():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def all_processor_time():
    """Of everything on this machine, since it started."""
    user, nice, system, _, _, irq, softirq, *_ = map(
        int, pathlib.Path("/proc/stat").read_text().split("\n")[0].split()[1:])
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


class Timing(typing.NamedTuple):
    """Of a job and all it starts."""

    seconds: float
    processor: float
    """Seconds of processor time."""
    memory: float
    """At its peak, MB."""
    others: float
    """The part of the processors that everything else took."""


def timed(command, folder, environment):
    peak, ended = 0, threading.Event()

    def watch():
        nonlocal peak
        while not ended.wait(0.05):
            peak = max(peak, resident(os.getpid()))

    before, all_before = processor_time(), all_processor_time()
    watcher = threading.Thread(target=watch)
    with tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **environment}, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=errors)
        watcher.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        ended.set()
        watcher.join()
        process.returncode = os.waitstatus_to_exitcode(status)
        try:
            while True:
                os.wait()
        except ChildProcessError:
            pass
        if process.returncode != 0:
            errors.seek(0)
            sys.exit(f"{command} failed:\n{errors.read().decode(errors='replace')[-4000:]}")
    processor = processor_time() - before
    others = all_processor_time() - all_before - processor
    return Timing(
        seconds, processor, max(peak / 1e6, usage.ru_maxrss * 1024 / 1e6),
        max(0, others) / (os.cpu_count() * (time.perf_counter() - start)))


def remove(folder):
    shutil.rmtree(folder, ignore_errors=True)


def pipec(*arguments):
    def run(folder):
        for path in [folder / "out", *(folder / ".pipec").iterdir()]:
            if path.name != "kinesis":  # the log itself
                remove(path) if path.is_dir() else path.unlink(missing_ok=True)
        return timed(
            [options.pipec, "run", "--mode", "streaming", "--until-idle", "--drain", "--quiet",
             *arguments], folder, {})
    return run


def java():
    homes = sorted(glob.glob("/usr/lib/jvm/java-17-openjdk-*"))
    return {"JAVA_HOME": homes[0]} if homes else {}


def peer(name, *arguments, **environment):
    python = options.peers / name / "bin" / "python"

    def run(folder):
        out = folder / name
        remove(out)
        places = {"FOLDER": str(folder), "OUT": str(out)}
        command = [python] + [
            argument.format(here=here, **places) for argument in arguments]
        return timed(command, here, {"PYTHONDONTWRITEBYTECODE": "1", **environment})
    return run


def with_recovery(run):
    """Bytewax keeps its snapshots in a store that is made beforehand."""
    def prepared(folder):
        store = folder / "recovery"
        remove(store)
        store.mkdir()
        subprocess.run(
            [options.peers / "bytewax" / "bin" / "python", "-m", "bytewax.recovery", store, "2"],
            check=True)
        return run(folder)
    return prepared


bytewax = ("-m", "bytewax.run", 'bytewax_job:flow("{FOLDER}", "{OUT}")', "-w", "2")
jobs = {
    "pipec": pipec(),
    "pipec-10": pipec("--epoch-rows", str(max(1, options.events // 10))),
    "bytewax": peer("bytewax", *bytewax),
    "bytewax-1s": with_recovery(
        peer("bytewax", *bytewax, "-r", "{FOLDER}/recovery", "-s", "1", "-b", "0")),
    "pathway": peer(
        "pathway", "{here}/pathway_job.py", "{FOLDER}", "{OUT}", PATHWAY_THREADS="2"),
    "flink": peer("flink", "{here}/flink_job.py", "{FOLDER}", "{OUT}", **java()),
    "spark": peer(
        "spark", "{here}/spark_job.py", "{FOLDER}", "{OUT}", SPARK_LOCAL_IP="127.0.0.1", **java()),
}
jobs = {name: jobs[name] for name in options.only.split(",")}


def prepare(folder, events):
    folder.mkdir()
    subprocess.run([sys.executable, here / "events.py", folder, str(events)], check=True)
    shutil.copy(here / "pipec.yaml", folder)
    subprocess.run(
        [options.pipec, "feed", "events", "events.jsonl"], cwd=folder, check=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def quietest(run, folder):
    timings = []
    while len(timings) < options.tries:
        timings.append(run(folder))
        if timings[-1].others <= options.others:
            break
    return min(timings, key=lambda timing: timing.others)


def column(values, decimals=2):
    return f"{statistics.median(values):10.{decimals}f}"


with tempfile.TemporaryDirectory(prefix="pipec-bench-") as temporary:
    large, one = pathlib.Path(temporary) / "large", pathlib.Path(temporary) / "one"
    prepare(large, options.events)
    prepare(one, 1)
    size = (large / "events.jsonl").stat().st_size / 1e6
    print(f"{options.events:,} events, {size:.0f} MB of JSON, {os.cpu_count()} cores, "
          f"load {os.getloadavg()[0]:.1f}", flush=True)
    for name, run in jobs.items():
        run(large)
        subprocess.run(
            [options.peers / "bytewax" / "bin" / "python", here / "compare.py", large, name],
            check=True)

    runs, starts = {name: [] for name in jobs}, {name: [] for name in jobs}
    names = list(jobs)
    for number in range(options.rounds):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            starts[name].append(quietest(jobs[name], one).seconds)
            runs[name].append(quietest(jobs[name], large))
        print(f"round {number + 1}: " + ", ".join(
            f"{name} {runs[name][-1].seconds:.2f} s ({runs[name][-1].others:.0%})"
            for name in names), flush=True)

    bases = [name for name in names if name.startswith("pipec")]
    print(f"\n{'':11}{'seconds':>10}{'CPU s':>10}{'MB':>10}{'others':>10}{'one event':>11}"
          f"{'without it':>11}" + "".join(f"{'/ ' + base:>11}{'without':>10}" for base in bases))
    for name in names:
        timings = runs[name]
        working = [timing.seconds - start for timing, start in zip(timings, starts[name])]
        line = (f"{name:11}{column(timing.seconds for timing in timings)}"
                f"{column(timing.processor for timing in timings)}"
                f"{column((timing.memory for timing in timings), 0)}"
                f"{statistics.median(timing.others for timing in timings):10.0%}"
                f" {column(starts[name])} {column(working)}")
        for base in bases:
            base_working = [
                timing.seconds - start for timing, start in zip(runs[base], starts[base])]
            ratios = [it.seconds / us.seconds for it, us in zip(timings, runs[base])]
            line += " " + column(ratios, 1)
            line += column((it / us for it, us in zip(working, base_working)), 1)
        print(line)
