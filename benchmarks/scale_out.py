"""Measure one PostgreSQL, and calculate what a number of jobs a day needs.

Run: python -m benchmarks.scale_out [--jobs JOBS] [--processes PROCESSES] [--per-day JOBS]

It needs PostgreSQL on this machine. Each process creates jobs, starts them, reports their progress
twice and completes them, with the default durability. Then the changes are read, and all jobs are
pruned. With `--figures WRITES,JOB,CHANGE,READ,PRUNED`, nothing is measured: the needs are
calculated from these figures.
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
from dataclasses import astuple, dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Final

from jobstatus import JobStatus
from jobstatus.stores import PostgresStore
from tests.support.databases import execute, postgresql_database

CHANGES: Final = 5
"""The changes of each job: created, started, two reports of progress, completed."""
PEAK: Final = 3
"""How many times the average a server must bear."""
LOAD: Final = 0.5
"""The part of its throughput that a server should use at the peak."""
DAYS: Final = 7
"""How long jobs are kept."""


@dataclass(frozen=True)
class Figures:
    """What one server does.

    Attributes:
        writes: Changes per second, of all processes together.
        job: Bytes of a job, with its indexes.
        change: Bytes of a change in the history, with its indexes.
        read: Changes per second that one process reads.
        pruned: Jobs per second that one process removes, with their history.
    """

    writes: float
    job: float
    change: float
    read: float
    pruned: float


def run_jobs(address: str, number: int, jobs: int) -> None:
    """Create some jobs, and complete them."""
    with PostgresStore(address) as store:
        for index in range(jobs):
            name = f"job-{number}-{index:09}"
            store.create(JobStatus.queued(name))
            with store.work(name) as work:
                work.report(33)
                work.report(66)


def measure(jobs: int, processes: int) -> Figures:
    """Measure the PostgreSQL of this machine."""
    each = jobs // processes
    with postgresql_database() as address, PostgresStore(address) as store:
        arguments = [(address, number, each) for number in range(processes)]
        with multiprocessing.get_context("spawn").Pool(processes) as pool:
            pool.starmap(run_jobs, [(address, -1 - number, 1) for number in range(processes)])
            began = time.perf_counter()
            pool.starmap(run_jobs, arguments)
            writes = each * processes * CHANGES / (time.perf_counter() - began)
        execute(address, "VACUUM ANALYZE jobs", "VACUUM ANALYZE jobs_changes")
        sizes = {
            table: float(
                execute(
                    address,
                    f"SELECT pg_total_relation_size('{table}')::float / count(*) FROM {table}",  # noqa: S608 - our own names
                )[0][0]
            )
            for table in ("jobs", "jobs_changes")
        }
        began = time.perf_counter()
        read = sum(1 for _ in store.changes()) / (time.perf_counter() - began)
        began = time.perf_counter()
        count = store.prune(before=datetime.now(UTC) + timedelta(days=1))
        pruned = count / (time.perf_counter() - began)
    return Figures(writes, sizes["jobs"], sizes["jobs_changes"], read, pruned)


def show(figures: Figures) -> str:
    """Return the figures as text."""
    return "\n".join(
        [
            f"changes written       {figures.writes:10,.0f} per second",
            f"changes read          {figures.read:10,.0f} per second and process",
            f"jobs pruned           {figures.pruned:10,.0f} per second and process",
            f"bytes of a job        {figures.job:10,.0f}",
            f"bytes of a change     {figures.change:10,.0f}",
        ]
    )


def needs(figures: Figures, per_day: int) -> str:
    """Return what a number of jobs a day needs."""
    average = per_day * CHANGES / 86_400
    servers = ceil(average * PEAK / (figures.writes * LOAD))
    daily = per_day * (figures.job + CHANGES * figures.change)
    return "\n".join(
        [
            f"changes on average    {average:10,.0f} per second",
            f"changes at the peak   {average * PEAK:10,.0f} per second ({PEAK} times the average)",
            f"servers               {servers:10,} (each at {LOAD:.0%} at the peak)",
            f"data of a day         {daily / 1e9:10,.0f} GB",
            f"data of {DAYS} days        {DAYS * daily / 1e9:10,.0f} GB",
            f"processes that read   {ceil(average / figures.read):10,} (all changes, on average)",
            f"processes that prune  {ceil(per_day / 86_400 / figures.pruned):10,}",
        ]
    )


def main() -> None:
    """Measure, and print the figures and the needs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--jobs", type=int, default=20_000)
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--per-day", type=int, default=100_000_000)
    parser.add_argument("--figures", metavar="WRITES,JOB,CHANGE,READ,PRUNED")
    arguments = parser.parse_args()
    if arguments.figures is None:
        figures = measure(arguments.jobs, arguments.processes)
    else:
        figures = Figures(*map(float, arguments.figures.split(",")))
    print(show(figures))
    print(f"--figures {','.join(f'{value:.0f}' for value in astuple(figures))}\n")
    print(f"{arguments.per_day:,} jobs a day")
    print(needs(figures, arguments.per_day))


if __name__ == "__main__":
    main()
