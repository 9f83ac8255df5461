"""Celery's workers publish to a store, and `of_celery` reads their results."""

# Celery has no types that pyright's strict mode knows.
# pyright: basic, reportMissingImports=false

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from jobstatus import RETRYING, IllegalTransitionError, JobStatus
from jobstatus.history import check_history
from jobstatus.queues import of_celery, reconcile
from jobstatus.stores import Store
from tests.live.conftest import require_server
from tests.support.databases import open_store
from tests.support.workers import end_of, redis_server, wait_until, worker

pytest.importorskip("celery", reason="Celery is not installed")
pytestmark = pytest.mark.filterwarnings("ignore:Task name")  # the app is made for each broker


class Queue:
    """The app of the tests, and its store."""

    def __init__(self, tasks: Any, store: Store, folder: Path) -> None:
        self.tasks, self.store, self.folder = tasks, store, folder

    def send(self, name: str, *arguments: object, **options: Any) -> Any:
        """Send a task, and return its result."""
        return getattr(self.tasks, name).apply_async(arguments, **options)

    def end_of(self, id: str) -> JobStatus:
        """Wait until a job has ended, or failed, and return it."""
        return end_of(self.store, id)

    def states_of(self, id: str) -> list[str]:
        """Return the states of a job's history, without repetition."""
        states = [change.job.status.value for change in self.store.history(id)]
        return [state for n, state in enumerate(states) if n == 0 or state != states[n - 1]]

    def path(self) -> Path:
        """Return a file for the notes of a task."""
        return self.folder / uuid4().hex


@pytest.fixture(scope="module", params=["redis", "rabbitmq"])
def queue(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Queue]:
    """Start a worker with two processes, and a Redis for the results."""
    folder = tmp_path_factory.mktemp("celery")
    path = str(folder / "jobs.sqlite")
    with redis_server(folder) as url, open_store(path, lifecycle=RETRYING) as store:
        name = f"jobstatus_tests_{uuid4().hex}"
        names = {"BROKER": url, "BACKEND": url, "STORE": path, "QUEUE": name}
        if request.param == "rabbitmq":
            require_server("RabbitMQ", 5672)
            names["BROKER"] = "amqp://guest:guest@127.0.0.1:5672//"
        os.environ.update(names)
        sys.modules.pop("tests.live.queues.celery_app", None)  # it reads the environment
        tasks = import_module("tests.live.queues.celery_app")
        options = ("--concurrency=2", "--without-gossip", "--without-mingle", "--loglevel=ERROR")
        command = ["-m", "celery", "-A", "tests.live.queues.celery_app", "worker", *options]
        with worker(command, names):
            started = Queue(tasks, store, folder)
            started.end_of(started.send("convert", 1).id)  # the worker is ready
            yield started
        with tasks.app.connection_for_write() as connection:
            declared = tasks.app.amqp.queues[name].bind(connection.default_channel)
            declared.delete()
            declared.exchange.delete()
        tasks.app.pool.force_close_all()
        tasks.app.close()
        jobs = [change.job for change in store.changes()]
        assert [*check_history(jobs, lifecycle=RETRYING, gaps=False)] == []


def test_a_task_completes_with_progress(queue: Queue) -> None:
    """The result says the same."""
    result = queue.send("convert", 4)
    assert queue.end_of(result.id) == JobStatus(result.id, "completed", progress=100)
    progress = [change.job.progress for change in queue.store.history(result.id)]
    assert progress == [None, None, 25, 50, 75, 100, 100]
    result.get(timeout=30)
    assert of_celery(result) == JobStatus(result.id, "completed", progress=100)


def test_a_task_fails_with_the_name_of_the_exception(queue: Queue) -> None:
    """Its text may have a key. The text of a JobError is public."""
    failed, refused = queue.send("fail"), queue.send("refuse")
    assert queue.end_of(failed.id) == JobStatus(failed.id, "failed", error="OSError")
    assert queue.end_of(refused.id).error == "no such bucket"
    failed.get(timeout=30, propagate=False)
    assert of_celery(failed) == JobStatus(failed.id, "failed", error="OSError")
    assert of_celery(failed, errors=lambda error: f"{error!s:.5}").error == "https"


def test_an_attempt_that_fails_is_made_again(queue: Queue) -> None:
    """Under RETRYING, the job is queued meanwhile."""
    result = queue.send("flaky", str(queue.path()))
    assert queue.end_of(result.id).status == "completed"
    expected = ["queued", "processing", "queued", "processing", "completed"]
    assert queue.states_of(result.id) == expected


def test_a_job_that_is_cancelled_while_it_runs_has_run_once(queue: Queue) -> None:
    """No autoretry_for runs it again, and Celery calls it revoked."""
    path = queue.path()
    result = queue.send("long", str(path))
    wait_until(lambda: (queue.store.get(result.id).progress or 0) >= 1)
    queue.store.apply(result.id, lambda job: job.cancel("by the customer"))
    wait_until(lambda: result.state == "REVOKED")
    assert of_celery(result).status == "cancelled"
    assert path.read_text(encoding="utf-8") == "run\n"
    assert queue.store.get(result.id) == JobStatus(
        result.id,
        "cancelled",
        progress=queue.store.get(result.id).progress,
        error="by the customer",
    )


def test_a_report_of_a_task_that_is_called_as_a_function_stops_the_outer_one(
    queue: Queue,
) -> None:
    """It has no id of its own, and no retry runs the outer one again."""
    path = queue.path()
    result = queue.send("calls", str(path))
    wait_until(lambda: (queue.store.get(result.id).progress or 0) >= 1)
    queue.store.apply(result.id, JobStatus.cancel)
    wait_until(lambda: result.state == "REVOKED")
    assert path.read_text(encoding="utf-8") == "run\n"


def test_a_report_in_a_thread_stops_the_thread(queue: Queue) -> None:
    """The task itself stops at its own next report."""
    path = queue.path()
    result = queue.send("works_in_a_thread", str(path))
    wait_until(lambda: (queue.store.get(result.id).progress or 0) >= 1)
    queue.store.apply(result.id, JobStatus.cancel)
    wait_until(lambda: result.state == "REVOKED")
    # The thread notes its exception after it has set the state.
    wait_until(lambda: path.exists() and path.read_text(encoding="utf-8") == "Ignore")


def test_a_task_that_is_revoked_while_it_waits_is_cancelled(queue: Queue) -> None:
    """Celery sends its signal when the worker would start it."""
    result = queue.send("convert", 1, countdown=1)
    result.revoke()
    assert queue.end_of(result.id).status == "cancelled"
    assert queue.states_of(result.id) == ["queued", "cancelled"]


def test_a_task_that_is_cancelled_in_the_store_while_it_waits_runs_to_its_first_report(
    queue: Queue,
) -> None:
    """No signal of Celery can keep it from starting."""
    path = queue.path()
    result = queue.send("long", str(path), countdown=0.5)
    queue.store.apply(result.id, JobStatus.cancel)
    wait_until(lambda: result.state == "REVOKED")
    assert path.read_text(encoding="utf-8") == "run\n"
    assert queue.states_of(result.id) == ["queued", "cancelled"]


def test_a_job_that_has_ended_cannot_be_cancelled(queue: Queue) -> None:
    """It stays as it is."""
    result = queue.send("convert", 1)
    queue.end_of(result.id)
    with pytest.raises(IllegalTransitionError):
        queue.store.apply(result.id, JobStatus.cancel)


def test_a_hard_time_limit_fails_the_job_once(queue: Queue) -> None:
    """Celery sends the signal of the failure twice."""
    result = queue.send("slow")
    assert queue.end_of(result.id).error == "TimeLimitExceeded"
    assert queue.states_of(result.id) == ["queued", "processing", "failed"]


def test_a_task_inside_a_task_has_its_own_job(queue: Queue) -> None:
    """Afterwards, the outer task reports again."""
    result = queue.send("outer")
    assert queue.end_of(result.id).status == "completed"
    progress = [change.job.progress for change in queue.store.history(result.id)]
    assert progress == [None, None, 40, 100]


def test_a_thread_of_a_task_needs_its_context(queue: Queue) -> None:
    """The error says how to pass it on."""
    result = queue.send("threads")
    (error,) = result.get(timeout=30)
    assert "copy_context().run" in error
    assert 20 in [change.job.progress for change in queue.store.history(result.id)]


def test_a_killed_worker_fails_the_job(queue: Queue) -> None:
    """The parent process notices."""
    result = queue.send("die")
    assert queue.end_of(result.id).error == "WorkerLostError"


def test_reconciling_takes_over_an_outcome_that_no_hook_has_published(queue: Queue) -> None:
    """For example, because the database was gone."""
    result = queue.send("convert", 1)
    queue.end_of(result.id)
    result.get(timeout=30)
    with open_store(str(queue.folder / "other.sqlite"), lifecycle=RETRYING) as store:
        store.create(JobStatus.queued(result.id))
        store.create(JobStatus.queued("unknown"))
        found = reconcile(
            store,
            lambda name: of_celery(queue.tasks.app.AsyncResult(name)),
            unchanged_for=timedelta(),
        )
        assert [job.id for job in found] == [result.id]
        assert store.get(result.id).status == "completed"
        assert store.get("unknown").status == "queued"
