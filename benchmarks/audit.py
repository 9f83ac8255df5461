"""How long `jobstatus check` takes for a large log, and how much memory.

Run: python -m benchmarks.audit [LINES [JOBS]]
"""

from __future__ import annotations

import multiprocessing
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.logs import clean_history, interleaved


def write_log(path: Path, lines: int, jobs: int) -> None:
    """Write a log of so many lines in which so many jobs are interleaved."""
    chance = random.Random(lines)  # noqa: S311 - the same log in each run
    log = interleaved((clean_history(f"job-{n}", chance) for n in range(jobs)), chance)
    if not jobs <= lines <= len(log):
        raise SystemExit(f"expected {jobs} to {len(log)} lines of {jobs} jobs, got {lines}")
    # Somebody who polls may miss any but the first of each job, and sees a clean log all the same.
    firsts = {entry.job_id: place for place, entry in reversed([*enumerate(log)])}.values()
    others = sorted(set(range(len(log))) - set(firsts))
    seen = sorted([*firsts, *chance.sample(others, lines - jobs)])
    path.write_bytes(b"".join(log[place].line for place in seen))


def main(lines: int = 1_000_000, jobs: int = 100_000) -> None:
    """Write a log, check it, and print what the system says of the process."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.ndjson"
        # In a process of its own, for one that starts another counts into the other's peak.
        writer = multiprocessing.get_context("spawn").Process(
            target=write_log, args=(path, lines, jobs)
        )
        writer.start()
        writer.join()
        if writer.exitcode:
            raise SystemExit(1)  # it has said why
        print(f"{lines:,} lines, {jobs:,} jobs, {path.stat().st_size / 1e6:.1f} MB")
        began = time.perf_counter()
        process = subprocess.Popen([sys.executable, "-m", "jobstatus", "check", str(path)])
        _, status, usage = os.wait4(process.pid, 0)
        took = time.perf_counter() - began
    if status:
        raise SystemExit(f"expected a clean log, got exit code {os.waitstatus_to_exitcode(status)}")
    print(f"{took:.1f} s, {usage.ru_maxrss / 1024:.0f} MiB at most")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
