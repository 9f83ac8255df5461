"""RQ's workers publish to a store, and `of_rq` reads their jobs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from jobstatus import RETRYING, STANDARD, IllegalTransitionError, JobStatus, UnknownJobError
from jobstatus.history import check_history
from jobstatus.queues import of_rq, reconcile
from jobstatus.stores import Store
from tests.support.databases import open_store
from tests.support.workers import end_of, redis_server, wait_until, worker

pytest.importorskip("rq", reason="RQ is not installed")


class Queue:
    """A queue, its functions, and their store."""

    def __init__(self, url: str, tasks: Any, store: Store, folder: Path) -> None:
        import redis
        import rq

        self.connection = redis.Redis(port=int(url.rpartition(":")[2].removesuffix("/0")))
        self.queue = rq.Queue("jobstatus_tests", connection=self.connection)
        self.tasks, self.store, self.folder = tasks, store, folder

    def send(self, name: str, *arguments: object, **options: Any) -> Any:
        """Enqueue a job."""
        from jobstatus.queues.rq import enqueue

        function = getattr(self.tasks, name)
        return enqueue(self.tasks.publisher, self.queue, function, *arguments, **options)

    def end_of(self, id: str) -> JobStatus:
        """Wait until a job has ended, or failed, and return it."""
        return end_of(self.store, id)

    def look(self, id: str) -> JobStatus:
        """Return the status of a job in RQ."""
        job = self.queue.fetch_job(id)
        if job is None:
            raise UnknownJobError(id=id)
        return of_rq(job)

    def path(self) -> Path:
        """Return a file for the notes of a job."""
        return self.folder / uuid4().hex


@pytest.fixture(scope="module")
def queue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Queue]:
    """Start a Redis and a worker."""
    folder = tmp_path_factory.mktemp("rq")
    path = str(folder / "jobs.sqlite")
    with redis_server(folder) as url, open_store(path, lifecycle=RETRYING) as store:
        os.environ["STORE"] = path
        tasks = import_module("tests.live.queues.rq_tasks")
        options = ("--url", url, "--quiet", "--with-scheduler", "jobstatus_tests")
        handler = ("--exception-handler", "tests.live.queues.rq_tasks.handle")
        with worker(["-m", "rq.cli", "worker", *handler, *options], {"STORE": path}):
            started = Queue(url, tasks, store, folder)
            yield started
            started.connection.close()
        jobs = [change.job for change in store.changes()]
        assert [*check_history(jobs, lifecycle=RETRYING, gaps=False)] == []


def test_a_job_completes_with_progress(queue: Queue) -> None:
    """RQ says the same."""
    job = queue.send("convert", 4)
    assert queue.end_of(job.id) == JobStatus(job.id, "completed", progress=100)
    progress = [change.job.progress for change in queue.store.history(job.id)]
    assert progress == [None, None, 25, 50, 75, 100, 100]
    wait_until(lambda: job.get_status().value == "finished")
    assert of_rq(job) == JobStatus(job.id, "completed", progress=100)


def test_a_job_fails_with_the_name_of_the_exception(queue: Queue) -> None:
    """It is not taken from the last line of the traceback, which belongs to the message."""
    job = queue.send("fail")
    assert queue.end_of(job.id) == JobStatus(job.id, "failed", error="OSError")
    wait_until(lambda: job.get_status().value == "failed")
    assert of_rq(job) == JobStatus(job.id, "failed", error="OSError")
    assert of_rq(job, errors=lambda trace: f"{trace!s:.9}").error == "Traceback"


def test_an_attempt_that_fails_is_made_again(queue: Queue) -> None:
    """Under RETRYING, the job is queued meanwhile."""
    from rq import Retry

    job = queue.send("flaky", str(queue.path()), retry=Retry(max=2))
    assert queue.end_of(job.id).status == "completed"
    states = [change.job.status.value for change in queue.store.history(job.id)]
    assert states == ["queued", "processing", "queued", "processing", "completed"]


def test_a_job_between_two_attempts_is_queued_or_processing(queue: Queue) -> None:
    """The lifecycle decides."""
    from rq import Retry

    job = queue.send("flaky", str(queue.path()), retry=Retry(max=2, interval=600))
    wait_until(lambda: job.get_status().value == "scheduled")
    assert of_rq(job, lifecycle=RETRYING) == JobStatus.queued(job.id)
    assert of_rq(job, lifecycle=STANDARD).status == "processing"
    job.cancel()
    assert of_rq(job).status == "cancelled"
    reconcile(queue.store, queue.look, unchanged_for=timedelta())
    assert queue.store.get(job.id).status == "cancelled"


def test_a_job_that_is_cancelled_while_it_runs_has_run_once(queue: Queue) -> None:
    """RQ has attempts left, but makes none."""
    from rq import Retry

    path = queue.path()
    job = queue.send("long", str(path), retry=Retry(max=2))
    wait_until(lambda: (queue.store.get(job.id).progress or 0) >= 1)
    queue.store.apply(job.id, JobStatus.cancel)
    wait_until(lambda: job.get_status().value == "failed")
    assert path.read_text(encoding="utf-8") == "run\n"
    assert queue.store.get(job.id).status == "cancelled"


def test_a_job_that_is_cancelled_before_it_starts_does_not_run(queue: Queue) -> None:
    """It is only taken from the queue."""
    path = queue.path()
    queue.store.create(JobStatus.queued(name := uuid4().hex))
    queue.store.apply(name, JobStatus.cancel)
    job = queue.send("long", str(path), job_id=name)
    wait_until(lambda: job.get_status().value == "failed")  # so that no other job depends on it
    assert not path.exists()
    assert queue.store.get(name).status == "cancelled"


def test_a_job_that_has_ended_cannot_be_cancelled(queue: Queue) -> None:
    """It stays as it is."""
    job = queue.send("convert", 1)
    queue.end_of(job.id)
    with pytest.raises(IllegalTransitionError):
        queue.store.apply(job.id, JobStatus.cancel)


def test_a_function_inside_another_one_has_no_job_of_its_own(queue: Queue) -> None:
    """Both are decorated. The outer one ends the job."""
    job = queue.send("outer")
    assert queue.end_of(job.id).status == "completed"
    progress = [change.job.progress for change in queue.store.history(job.id)]
    assert progress == [None, None, 50, 60, 100]


def test_a_coroutine_function_is_awaited(queue: Queue) -> None:
    """RQ runs it in an event loop."""
    job = queue.send("coroutine")
    assert queue.end_of(job.id).status == "completed"
    assert 30 in [change.job.progress for change in queue.store.history(job.id)]


def test_a_function_may_return_a_retry(queue: Queue) -> None:
    """RQ makes another attempt then, up to a number."""
    job = queue.send("returns_retry")
    wait_until(lambda: job.get_status().value == "failed")
    states = [change.job.status.value for change in queue.store.history(job.id)]
    assert states == ["queued", "processing", "queued", "processing", "failed"]


def test_a_job_that_repeats_runs_again(queue: Queue) -> None:
    """Its status has ended after the first time, so that later reports are dropped."""
    from rq import Repeat

    path = queue.path()
    job = queue.send("repeats", str(path), repeat=Repeat(times=1, interval=1))
    wait_until(lambda: path.exists() and len(path.read_text(encoding="utf-8").splitlines()) == 2)
    assert queue.store.get(job.id).status == "completed"


def test_a_time_limit_fails_the_job(queue: Queue) -> None:
    """It is an exception of RQ."""
    job = queue.send("slow", job_timeout=1)
    assert queue.end_of(job.id).error == "JobTimeoutException"


def test_a_job_that_rq_stops_is_cancelled(queue: Queue) -> None:
    """The work horse is killed, so that only reconciling finds it."""
    commands: Any = import_module("rq.command")
    job = queue.send("long", str(queue.path()))
    wait_until(lambda: (queue.store.get(job.id).progress or 0) >= 1)
    commands.send_stop_job_command(queue.connection, job.id)
    wait_until(lambda: job.get_status().value == "stopped")
    assert of_rq(job).status == "cancelled"
    reconcile(queue.store, queue.look, unchanged_for=timedelta())
    assert queue.store.get(job.id).status == "cancelled"


def test_a_function_without_the_decorator_fails_its_job(queue: Queue) -> None:
    """The exception handler sees it."""
    job = queue.send("plain")
    assert queue.end_of(job.id).error == "OSError"


def test_reconciling_finds_a_killed_work_horse(queue: Queue) -> None:
    """RQ calls no hook."""
    job = queue.send("die")
    wait_until(lambda: job.get_status().value == "failed")
    if queue.store.get(job.id).status == "processing":
        reconcile(queue.store, queue.look, unchanged_for=timedelta())
    assert queue.store.get(job.id).status == "failed"


def test_a_deleted_job_is_unknown(queue: Queue) -> None:
    """So is one that has expired."""
    job = queue.send("convert", 1)
    queue.end_of(job.id)
    wait_until(lambda: job.get_status().value == "finished")
    job.delete()
    with pytest.raises(UnknownJobError):
        of_rq(job)
