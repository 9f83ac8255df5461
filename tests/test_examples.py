"""The examples are real, and run."""

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


def test_what_node_wrote_is_written_again_byte_for_byte() -> None:
    """The exchange file is read, and written as V8 wrote it."""
    data = (EXAMPLES / "exchange.ndjson").read_bytes()
    codec = Codec(unknown_keys="reject")
    jobs = list(codec.decode_lines(data.splitlines(keepends=True)))
    assert b"".join(codec.encode_lines(jobs)) == data
    assert len(jobs) == 25


def test_the_worker_publishes_what_it_does(tmp_path: Path) -> None:
    """Every status is a legal next one, and a file that is missing fails the job."""
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


def test_the_store_passes_the_machine() -> None:
    """It keeps the lifecycle, whoever looks when."""
    run_state_machine_as_test(SqliteStoreMachine, settings=settings(max_examples=50))


@pytest.mark.parametrize("number", range(20))
def test_the_overwriting_store_is_caught(number: int) -> None:
    """Within 200 examples, whatever the seed."""
    machine = seed(number)(type("Machine", (OverwritingStoreMachine,), {}))
    found = settings(max_examples=200, database=None, derandomize=False, phases=[Phase.generate])
    with pytest.raises(AssertionError, match=r"^accepted an illegal move\n"):
        run_state_machine_as_test(machine, settings=found)


def test_a_store_outlives_its_process(tmp_path: Path) -> None:
    """What was added and saved is there when the file is opened again."""
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
    """The one that comes second is refused, for the database compares."""
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
