"""Audit a log on Dask: find the latest status of each job, and the problems of its history.

Run: python examples/dask_audit.py LOG
"""

# Dask has no types that pyright's strict mode knows.
# pyright: basic

from __future__ import annotations

import io
import sys
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from itertools import accumulate
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from dask import bag
from dask.base import compute
from dask.bytes.core import read_bytes
from dask.delayed import delayed
from distributed import Client, LocalCluster

from jobstatus import Codec, ConflictingOutcomesError, JobStatus
from jobstatus.history import Audit, Finding, merge
from jobstatus.stores import Store

Sighting: TypeAlias = tuple[int, JobStatus | None]
"""A line of the log, and the status on it; None if that is invalid."""


class Result(NamedTuple):
    """The result of an audit."""

    latest: dict[str, JobStatus | None]
    """The latest status of each job; None if two of its outcomes differ."""
    findings: list[Finding]
    """The findings in the histories, ordered by line."""
    invalid: list[int]
    """The numbers of the lines without a valid status."""


def decode(block: bytes, first_line: int) -> list[Sighting]:
    """Read a block of the log as bytes, because decoding to text would hide invalid UTF-8."""
    return [
        (number, result if isinstance(result, JobStatus) else None)
        for number, line in enumerate(io.BytesIO(block), start=first_line)
        for result in Codec().decode_lines([line], errors="yield")  # nothing if it is blank
    ]


def join(known: JobStatus | None, job: JobStatus | None) -> JobStatus | None:
    """Merge two statuses of one job, in any order; None stands for a conflict and stays None."""
    if known is None or job is None:
        return None
    try:
        return merge(known, job)
    except ConflictingOutcomesError:
        return None


def find(history: Iterable[tuple[int, JobStatus]]) -> list[Finding]:
    """Audit one job. Sorts its statuses by line, because a shuffle does not keep their order."""
    audit = Audit()
    return [found for line, job in sorted(history) for found in audit.add(job, line=line)]


def audit_log(path: str, blocksize: str = "32 MiB") -> Result:
    """Audit a log, on the cluster of the current client."""
    (blocks,) = read_bytes(path, delimiter=b"\n", blocksize=blocksize)[1]  # a list for each file
    if not blocks:
        return Result({}, [], [])
    counts = compute(*(delayed(bytes.count)(block, b"\n") for block in blocks))
    firsts = accumulate(counts[:-1], initial=1)
    sightings = bag.from_delayed(list(map(delayed(decode), blocks, firsts)))
    valid = sightings.filter(lambda sighting: sighting[1] is not None)
    latest = valid.pluck(1).foldby(lambda job: job.id, join, combine=join)
    histories = valid.groupby(lambda sighting: sighting[1].id, shuffle="tasks").pluck(1)
    findings = histories.map(find).flatten()
    invalid = sightings.filter(lambda sighting: sighting[1] is None).pluck(0)
    latest, findings, invalid = compute(latest, findings, invalid)
    return Result(dict(latest), sorted(findings, key=attrgetter("line")), sorted(invalid))


def export_changes(store: Store, path: str, after: str | None = None) -> str | None:
    """Append the changes of a store to a log, and return the cursor of the last one."""
    with Path(path).open("ab") as log:
        for change in store.changes(after=after):
            log.write(Codec().encode(change.job) + b"\n")
            after = change.cursor
    return after


@contextmanager
def two_processes() -> Generator[Any]:
    """Start a cluster of two processes on this machine, and yield a client for it."""
    options = {"threads_per_worker": 1, "dashboard_address": ":0"}
    with LocalCluster(n_workers=2, **options) as cluster, Client(cluster) as client:
        yield client


def main(path: str) -> None:
    """Audit a log, and print the result."""
    with two_processes():
        latest, findings, invalid = audit_log(path)
    for finding in findings:
        print(f"{path}:{finding.line}: {finding}")
    print(f"{len(latest)} jobs, {len(findings)} findings, {len(invalid)} invalid lines")


if __name__ == "__main__":
    main(*sys.argv[1:])
