"""The examples in examples/ run and do what the documentation says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from examples.store_machines import OverwritingStoreMachine, SqliteStoreMachine
from jobstatus import Codec, JobStatus
from jobstatus.stores import SqliteStore
from tests.support.workers import wait_until

EXAMPLES = Path(__file__).parent.parent / "examples"


def test_the_exchange_file_survives_a_round_trip() -> None:
    """Node wrote the file, and the library writes the same bytes."""
    data = (EXAMPLES / "exchange.ndjson").read_bytes()
    codec = Codec(unknown_keys="reject")
    jobs = list(codec.decode_lines(data.splitlines(keepends=True)))
    assert b"".join(codec.encode_lines(jobs)) == data
    assert len(jobs) == 25


def test_the_worker_publishes_each_status(tmp_path: Path) -> None:
    """Each step is legal, and a missing file fails the job."""
    for name in ("a", "b"):
        (tmp_path / name).write_text(name)
    command = [sys.executable, str(EXAMPLES / "worker.py"), "job-42", "a", "b"]
    done = subprocess.run(command, capture_output=True, check=True, cwd=tmp_path)
    assert done.stdout == (
        b'{"id":"job-42","status":"queued"}\n'
        b'{"id":"job-42","status":"processing","progress":0}\n'
        b'{"id":"job-42","status":"processing","progress":50}\n'
        b'{"id":"job-42","status":"processing","progress":100}\n'
        b'{"id":"job-42","status":"completed","progress":100}\n'
    )
    assert len(done.stderr.splitlines()) == 2
    done = subprocess.run([*command, "c"], capture_output=True, check=True, cwd=tmp_path)
    assert b'"status":"failed","progress":66.66666666666667,' in done.stdout.splitlines()[-1]


def test_the_store_of_the_library_keeps_the_lifecycle() -> None:
    """StrictJobStatusMachine tests it, with callers that have stale data."""
    run_state_machine_as_test(SqliteStoreMachine, settings=settings(max_examples=25))


@pytest.mark.parametrize("number", range(20))
def test_the_overwriting_store_breaks_the_lifecycle(number: int) -> None:
    """JobStatusMachine finds that within 200 examples, for each of 20 seeds."""
    machine = seed(number)(type("Machine", (OverwritingStoreMachine,), {}))
    found = settings(max_examples=200, database=None, derandomize=False, phases=[Phase.generate])
    with pytest.raises(AssertionError, match=r"^accepted an illegal move\n"):
        run_state_machine_as_test(machine, settings=found)


def test_a_cancelled_job_stops_its_worker(tmp_path: Path) -> None:
    """The program has ten lines, and would run for ten seconds."""
    program = EXAMPLES / "cancelled_job.py"
    lines = [line for line in program.read_text(encoding="utf-8").splitlines() if line.strip()]
    assert len(lines) == 10
    with SqliteStore(tmp_path / "jobs.sqlite") as store:
        worker = subprocess.Popen([sys.executable, str(program)], cwd=tmp_path)
        await_progress(store, "job-42")
        cancelled = store.apply("job-42", JobStatus.cancel)
        assert worker.wait(timeout=5) == 0
        assert store.read("job-42") == cancelled


def await_progress(store: SqliteStore, id: str) -> None:
    """Return as soon as a job has made progress."""
    wait_until(lambda: any(stored.job.id == id for stored in store.unfinished()))
    for change in store.watch(id, interval=0.01):  # pragma: no branch - it has progress
        if change.job.progress:
            break
