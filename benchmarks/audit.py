"""Measure the CPU time and the peak memory of `jobstatus check` on a large log.

Run: python -m benchmarks.audit [--parser json|msgspec] [--runs RUNS] [LINES [JOBS]]

The CPU time is compared with that of `json.loads` alone on the same lines. Both run in separate
processes, and in turns.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.turns import ratio
from tests.support.logs import clean_history, interleaved

_LOADS: Final = (
    "import json, sys\nwith open(sys.argv[2], 'rb') as log:\n for line in log: json.loads(line)"
)
_CHECK: Final = "import runpy; runpy.run_module('jobstatus', run_name='__main__', alter_sys=True)"
PARSERS: Final = {
    # Blocks the import, as if msgspec were not installed.
    "json": f"import sys; sys.modules['msgspec'] = None; {_CHECK}",
    "msgspec": f"import msgspec; {_CHECK}",
}


def write_log(path: Path, lines: int, jobs: int) -> None:
    """Write a log with this many lines, in which this many jobs are interleaved."""
    chance = random.Random(lines)  # noqa: S311 - the same log in each run
    log = interleaved((clean_history(f"job-{n}", chance) for n in range(jobs)), chance)
    if not jobs <= lines <= len(log):
        raise SystemExit(f"expected {jobs} to {len(log)} lines of {jobs} jobs, got {lines}")
    # A poller may miss any snapshot but the first of each job, and the log stays clean.
    firsts = {entry.job_id: place for place, entry in reversed([*enumerate(log)])}.values()
    others = sorted(set(range(len(log))) - set(firsts))
    seen = sorted([*firsts, *chance.sample(others, lines - jobs)])
    path.write_bytes(b"".join(log[place].line for place in seen))


def run(code: str, path: Path, *, is_quiet: bool) -> tuple[float, float]:
    """Return the CPU seconds and the peak memory in MiB of a program that reads the log."""
    output = subprocess.DEVNULL if is_quiet else None
    process = subprocess.Popen([sys.executable, "-c", code, "check", str(path)], stdout=output)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"expected exit code 0, got {os.waitstatus_to_exitcode(status)}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main() -> None:
    """Write a log, check it, and print the cost."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--parser", choices=PARSERS, default="json", help="default: json")
    parser.add_argument("--runs", type=int, default=1, help="print medians of some runs")
    parser.add_argument("lines", type=int, nargs="?", default=1_000_000)
    parser.add_argument("jobs", type=int, nargs="?", default=100_000)
    arguments = parser.parse_args()
    lines, jobs = arguments.lines, arguments.jobs
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.ndjson"
        # In a separate process, because a child's peak memory starts with that of its parent.
        writer = multiprocessing.get_context("spawn").Process(
            target=write_log, args=(path, lines, jobs)
        )
        writer.start()
        writer.join()
        if writer.exitcode:
            raise SystemExit(1)  # it has printed the reason
        print(f"{lines:,} lines, {jobs:,} jobs, {path.stat().st_size / 1e6:.1f} MB", flush=True)
        checked: list[float] = []
        loaded: list[float] = []
        most = 0.0
        for number in range(arguments.runs):
            loaded.append(run(_LOADS, path, is_quiet=True)[0])
            took, peak = run(PARSERS[arguments.parser], path, is_quiet=number > 0)
            checked.append(took)
            most = max(most, peak)
    print(f"{statistics.median(checked):.1f} s of CPU time with {arguments.parser}, {most:.0f} MiB")
    print(f"{ratio(checked, loaded):.2f} times json.loads alone")


if __name__ == "__main__":
    main()
