"""The audit on Dask finds the same on several processes as on one."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import attrs
import pytest

from examples.dask_audit import audit_log, export_changes, two_processes
from jobstatus import Codec, ConflictingOutcomesError, DecodeError, JobStatus
from jobstatus.history import Audit, Finding, FindingCode, merge
from jobstatus.stores import SqliteStore
from tests.support import logs

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def workers() -> Iterator[set[int]]:
    """Start two worker processes, and return their ids."""
    with two_processes() as client:
        yield set(client.run(os.getpid).values())


def write_log(path: Path) -> None:
    """Write a log with every fault, conflicting outcomes, blank lines and invalid lines."""
    chance = random.Random(20261124)
    codes: tuple[FindingCode, ...] = get_args(FindingCode)
    clean = [logs.clean_history(f"job-{number}", chance) for number in range(300)]
    faulty = [logs.faulty_history(f"{code}-\ud800-{n}", code) for code in codes for n in range(5)]
    log = logs.interleaved([*clean, *faulty], chance)
    lines = [entry.line for entry in log]
    for place, line in ((1000, b"\n"), (700, b'{"id":"\xff"}\n'), (500, b"oops\r\n"), (0, b" \n")):
        lines.insert(place, line)
    path.write_bytes(b"".join(lines).removesuffix(b"\n"))


def one_process(path: Path) -> tuple[dict[str, JobStatus | None], list[Finding], list[int]]:
    """Return the expected results, computed line by line."""
    audit, invalid = Audit(), list[int]()
    findings: list[Finding] = []
    by_id: dict[str, list[JobStatus]] = {}
    for number, line in enumerate(path.read_bytes().split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            job = Codec().decode(line)
        except DecodeError:
            invalid.append(number)
        else:
            findings += audit.add(job, line=number)
            by_id.setdefault(job.id, []).append(job)
    latest: dict[str, JobStatus | None] = {}
    for name, jobs in by_id.items():
        try:
            latest[name] = merge(*jobs)
        except ConflictingOutcomesError:
            latest[name] = None
    return latest, findings, invalid


def test_two_processes_find_the_same_as_one(tmp_path: Path, workers: set[int]) -> None:
    """They find the latest status of each job, each finding at its line, and the invalid lines."""
    assert len(workers) == 2
    assert os.getpid() not in workers
    path = tmp_path / "log.ndjson"
    write_log(path)
    latest, findings, invalid = one_process(path)
    assert {finding.code for finding in findings} == set(get_args(FindingCode))
    assert None in latest.values()
    assert len(invalid) == 2

    blocksize = f"{path.stat().st_size // 16} B"
    result = audit_log(str(path), blocksize)
    assert result.latest == latest
    assert result.invalid == invalid
    # A process sees one job at a time, so it cannot know the index among all snapshots.
    assert [attrs.evolve(finding, index=0) for finding in result.findings] == [
        attrs.evolve(finding, index=0) for finding in findings
    ]


@pytest.mark.parametrize(
    ("data", "latest"),
    [(b"", {}), (b"\n", {}), (b'{"id":"a","status":"queued"}', {"a": JobStatus.queued("a")})],
)
def test_a_log_may_be_short(
    tmp_path: Path, workers: set[int], data: bytes, latest: dict[str, JobStatus]
) -> None:
    """It may have one block of data, or none."""
    assert workers
    path = tmp_path / "log.ndjson"
    path.write_bytes(data)
    assert audit_log(str(path)) == (latest, [], [])


def test_the_changes_of_a_store_are_audited_like_a_log(tmp_path: Path, workers: set[int]) -> None:
    """A second export goes on after the first."""
    assert len(workers) == 2
    path = str(tmp_path / "log.ndjson")
    with SqliteStore(tmp_path / "jobs.sqlite", synchronous="NORMAL") as store:
        for number in range(20):
            store.create(JobStatus.queued(str(number)))
        cursor = export_changes(store, path)
        for number in range(20):
            store.apply(str(number), JobStatus.cancel)
        assert export_changes(store, path, cursor) != cursor
        latest, findings, invalid = audit_log(path)
        assert latest == {str(number): store.get(str(number)) for number in range(20)}
        assert (findings, invalid) == ([], [])


def test_the_output_on_the_page_is_that_of_the_program() -> None:
    """The page on Dask shows the command, and all that it prints."""
    page = (ROOT / "docs" / "integrations" / "dask.md").read_text(encoding="utf-8")
    (arguments, output) = re.findall(r"```text\n\$ python (.+)\n((?:.+\n)+)```", page)[0]
    command = [sys.executable, *arguments.split()]
    done = subprocess.run(command, capture_output=True, check=True, cwd=ROOT, text=True)
    assert done.stdout == output


def test_the_needs_on_the_page_follow_from_its_figures() -> None:
    """The command that repeats the arithmetic prints what the page shows."""
    page = (ROOT / "docs" / "scale-out.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```text\n(changes written.*?)```", page, re.DOTALL)
    (given,) = re.findall(r"--figures [0-9,]+", page)
    command = [sys.executable, "-m", "benchmarks.scale_out", *given.split()]
    done = subprocess.run(command, capture_output=True, check=True, cwd=ROOT, text=True)
    measured, _, calculated = done.stdout.partition(f"{given}\n\n")
    assert shown == f"{measured}\n{calculated}"
