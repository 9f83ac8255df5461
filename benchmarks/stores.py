"""Measure what a store and a guard cost, as ratios to a bare UPDATE in the same run.

Run: python -m benchmarks.stores [--database sqlite|postgresql|mysql] [--rounds ROUNDS]
[--updates UPDATES] [--changes CHANGES]

Each change is durable, as by default: SQLite and the servers wait for the disk. One process takes
turns between the ways to change a job, and prints medians over the rounds. PostgreSQL and MariaDB
must run on this machine. `--changes` measures the peak memory of reading so many changes.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import statistics
import time
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TypeAlias

from jobstatus import JobStatus
from jobstatus.contract import sql
from jobstatus.stores import PostgresStore, SqliteStore, Store
from tests.support.databases import (
    Connection,
    execute,
    mariadb_database,
    postgresql_database,
)

Change: TypeAlias = Callable[[int], object]

_JOB: Final = JobStatus.queued("job-42").start(progress=0)
_BARE: Final = "CREATE TABLE {table} (id VARCHAR(40) PRIMARY KEY, status VARCHAR(40), payload TEXT)"


@contextmanager
def database(kind: str) -> Generator[str]:
    """Create an empty database, and yield its address."""
    if kind == "sqlite":
        with TemporaryDirectory() as folder:
            yield str(Path(folder) / "jobs.sqlite")
    else:
        with (postgresql_database if kind == "postgresql" else mariadb_database)() as address:
            yield address


def open_store(address: str) -> Store:
    """Open a store with its default durability."""
    return PostgresStore(address) if "://" in address else SqliteStore(address)


def other_program(address: str) -> Connection:
    """Return a connection to two tables of another program, one of which is guarded."""
    connection = Connection(address)
    if connection.dialect == "sqlite":
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
    for table in ("bare", "guarded"):
        connection.execute(_BARE.format(table=table))
        insert = f"INSERT INTO {table} VALUES (?, ?, ?)"  # noqa: S608 - our own names
        connection.execute(insert, _JOB.id, _JOB.status.value, _JOB.to_json())
    for statement in sql.guard(connection.dialect, table="guarded"):
        connection.execute(statement)
    return connection


def ways(connection: Connection, store: Store | None) -> dict[str, Change]:
    """Return the ways to write a progress from 0 to 100."""

    def write(table: str) -> Change:
        statement = f"UPDATE {table} SET status = ?, payload = ? WHERE id = ?"  # noqa: S608 - as above

        def change(number: int) -> None:
            job = _JOB.update(progress=number)
            connection.execute(statement, job.status.value, job.to_json(), job.id)

        return change

    found = {"bare UPDATE": write("bare"), "guarded UPDATE": write("guarded")}
    if store is not None:
        found |= store_ways(store)
    return found


def store_ways(store: Store) -> dict[str, Change]:
    """Return the ways of a store."""
    for name in ("applied", "compared"):
        store.create(JobStatus.queued(name))
        store.apply(name, JobStatus.start)
    version = store.read("compared").version

    def apply(number: int) -> None:
        store.apply("applied", lambda job: job.update(progress=number))

    def compare_and_set(number: int) -> None:
        nonlocal version
        job = JobStatus.queued("compared").start(progress=number)
        version = store.compare_and_set(version, job)

    return {"apply": apply, "compare_and_set": compare_and_set}


def seconds(change: Change, updates: int) -> float:
    """Return the seconds of an update, on average. Each one differs from the one before."""
    began = time.perf_counter()
    for number in range(updates):
        change(number % 101)
    return (time.perf_counter() - began) / updates


def compare(kind: str, rounds: int, updates: int) -> None:
    """Print the throughput of each way, and its ratio to the bare UPDATE of the same round."""
    with database(kind) as address, closing(other_program(address)) as connection:
        store = None if kind == "mysql" else open_store(address)
        chosen = ways(connection, store)
        for change in chosen.values():
            seconds(change, max(updates // 10, 1))  # warm up
        times = [
            {name: seconds(change, updates) for name, change in chosen.items()}
            for _ in range(rounds)
        ]
        if store is not None:
            store.close()
    print(f"{kind}: medians of {rounds} rounds of {updates} updates")
    for name in chosen:
        per_second = statistics.median(1 / round_[name] for round_ in times)
        ratio = statistics.median(round_["bare UPDATE"] / round_[name] for round_ in times)
        print(f"  {name:16} {per_second:8,.0f} per second, {ratio:.2f} of the bare UPDATE")


def fill(address: str, changes: int) -> None:
    """Put changes of many jobs into the tables of a store."""
    with open_store(address) as store:
        for number in range(10):
            store.create(JobStatus.queued(f"job-{number}"))
    insert = (
        "INSERT INTO jobs_changes (id, creation, version, payload, changed)"
        " SELECT id, creation, version + {step}, payload, changed FROM jobs_changes LIMIT {size}"
    )
    count, step = 10, 1
    while count < changes:
        size = min(count, changes - count)
        execute(address, insert.format(step=step, size=size))
        count, step = count + size, step * 2


def read(address: str, limit: int) -> None:
    """Print the peak memory of a process that reads changes."""
    with open_store(address) as store:
        count = sum(1 for _, _ in zip(range(limit), store.changes(), strict=False))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  {count:9,} changes read, peak memory {peak:.1f} MiB", flush=True)


def measure_memory(kind: str, changes: int) -> None:
    """Print the peak memory of reading few and many changes."""
    with database(kind) as address:
        fill(address, changes)
        for limit in (changes // 100, changes):
            process = multiprocessing.get_context("spawn").Process(
                target=read, args=(address, limit)
            )
            process.start()
            process.join()
            if process.exitcode:
                raise SystemExit(1)  # it has printed the reason


def main() -> None:
    """Measure, and print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    kinds = ("sqlite", "postgresql", "mysql")
    parser.add_argument("--database", choices=kinds, default="sqlite", help="default: sqlite")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--updates", type=int, default=2_000, help="in each round")
    parser.add_argument("--changes", type=int, help="measure the memory of reading them instead")
    arguments = parser.parse_args()
    if arguments.changes is None:
        compare(arguments.database, arguments.rounds, arguments.updates)
    else:
        measure_memory(arguments.database, arguments.changes)


if __name__ == "__main__":
    main()
