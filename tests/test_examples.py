"""The examples in examples/ run and do what the documentation says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from examples.sqlite_store import SqliteStore
from examples.store_machines import OverwritingStoreMachine, SqliteStoreMachine
from jobstatus import Codec, JobStatus

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


def test_the_sqlite_store_keeps_the_lifecycle() -> None:
    """JobStatusMachine tests it, with callers that have stale data."""
    run_state_machine_as_test(SqliteStoreMachine, settings=settings(max_examples=50))


@pytest.mark.parametrize("number", range(20))
def test_the_overwriting_store_breaks_the_lifecycle(number: int) -> None:
    """JobStatusMachine finds that within 200 examples, for each of 20 seeds."""
    machine = seed(number)(type("Machine", (OverwritingStoreMachine,), {}))
    found = settings(max_examples=200, database=None, derandomize=False, phases=[Phase.generate])
    with pytest.raises(AssertionError, match=r"^accepted an illegal move\n"):
        run_state_machine_as_test(machine, settings=found)


def test_a_store_keeps_jobs_on_disk(tmp_path: Path) -> None:
    """Added and saved jobs are there after the file is opened again."""
    path = str(tmp_path / "jobs.sqlite")
    store = SqliteStore(path)
    job = JobStatus.queued("job-42")
    assert store.add(job)
    assert store.save(job.start(progress=40))
    store.close()
    again = SqliteStore(path)
    assert not again.add(job)
    assert again.get("job-42") == job.start(progress=40)
    with pytest.raises(KeyError):
        again.get("job-43")
    again.close()


def test_two_connections_cannot_both_end_a_job(tmp_path: Path) -> None:
    """The second step is rejected, because the database compares the state."""
    stores = [SqliteStore(str(tmp_path / "jobs.sqlite")) for _ in range(2)]
    job = JobStatus.queued("job-42")
    assert stores[0].add(job)
    running = job.start()
    assert stores[0].save(running)
    assert stores[0].save(running.cancel())
    assert not stores[1].save(running.complete())
    assert stores[1].get("job-42") == running.cancel()
    for store in stores:
        store.close()
