"""Dramatiq's workers publish to a store."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from jobstatus import RETRYING, IllegalTransitionError, JobStatus
from jobstatus.history import check_history
from jobstatus.stores import Store
from tests.live.conftest import require_server
from tests.support.databases import open_store
from tests.support.workers import end_of, redis_server, wait_until, worker

pytest.importorskip("dramatiq", reason="Dramatiq is not installed")


class Queue:
    """The actors of the tests, and their store."""

    def __init__(self, tasks: Any, store: Store, folder: Path, names: dict[str, str]) -> None:
        self.tasks, self.store, self.folder = tasks, store, folder
        self._names, self._workers = names, ExitStack()

    def start_worker(self) -> None:
        """Start a worker with two threads."""
        options = ("--processes", "1", "--threads", "2")
        command = ["-m", "dramatiq", "tests.live.queues.dramatiq_app", *options]
        self._workers.enter_context(worker(command, self._names))

    def kill_worker(self) -> None:
        """Kill the processes of the worker."""
        self._workers.close()

    def count_dead(self) -> int:
        """Return the number of messages that will not be tried again."""
        name, broker = self._names["QUEUE"], self.tasks.broker
        if hasattr(broker, "client"):
            count: int = broker.client.hlen(f"dramatiq:{name}.XQ.msgs")
            return count
        dead: int = broker.get_queue_message_counts(name)[2]
        return dead

    def send(self, name: str, *arguments: object, **options: Any) -> str:
        """Send a message, and return its id."""
        actor = getattr(self.tasks, name)
        message_id: str = actor.send_with_options(args=arguments, **options).message_id
        return message_id

    def end_of(self, id: str) -> JobStatus:
        """Wait until a job has ended, or failed, and return it."""
        return end_of(self.store, id)

    def path(self) -> Path:
        """Return a file for the notes of an actor."""
        return self.folder / uuid4().hex


@pytest.fixture(scope="module", params=["redis", "rabbitmq"])
def queue(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Queue]:
    """Start a worker with threads, and a Redis unless RabbitMQ is the broker."""
    folder = tmp_path_factory.mktemp("dramatiq")
    path = str(folder / "jobs.sqlite")
    with redis_server(folder) as url, open_store(path, lifecycle=RETRYING) as store:
        names = {"BROKER": url, "STORE": path, "QUEUE": f"jobstatus_tests_{uuid4().hex}"}
        if request.param == "rabbitmq":
            require_server("RabbitMQ", 5672)
            names["BROKER"] = "amqp://guest:guest@127.0.0.1:5672/"
        os.environ.update(names)
        sys.modules.pop("tests.live.queues.dramatiq_app", None)  # it reads the environment
        tasks = import_module("tests.live.queues.dramatiq_app")
        started = Queue(tasks, store, folder, names)
        started.start_worker()
        try:
            yield started
        finally:
            started.kill_worker()
            if request.param == "rabbitmq":
                for suffix in ("", ".DQ", ".XQ"):
                    tasks.broker.channel.queue_delete(names["QUEUE"] + suffix)
            tasks.broker.close()
        jobs = [change.job for change in store.changes()]
        assert [*check_history(jobs, lifecycle=RETRYING, gaps=False)] == []


def test_a_message_completes_with_progress(queue: Queue) -> None:
    """Its job has every report."""
    name = queue.send("convert", 4)
    assert queue.end_of(name) == JobStatus(name, "completed", progress=100)
    progress = [change.job.progress for change in queue.store.history(name)]
    assert progress == [None, None, 25, 50, 75, 100, 100]


def test_a_message_fails_with_the_name_of_the_exception(queue: Queue) -> None:
    """Its text may have a key."""
    name = queue.send("fail")
    assert queue.end_of(name) == JobStatus(name, "failed", error="OSError")


def test_an_attempt_that_fails_is_made_again(queue: Queue) -> None:
    """Under RETRYING, the job is queued meanwhile."""
    name = queue.send("flaky", str(queue.path()))
    assert queue.end_of(name).status == "completed"
    states = [change.job.status.value for change in queue.store.history(name)]
    assert states == ["queued", "processing", "queued", "processing", "completed"]


def test_a_job_that_is_cancelled_while_it_runs_has_run_once(queue: Queue) -> None:
    """Dramatiq has attempts left, but makes none."""
    path, dead = queue.path(), queue.count_dead()
    name = queue.send("long", str(path))
    wait_until(lambda: (queue.store.get(name).progress or 0) >= 1)
    queue.store.apply(name, JobStatus.cancel)
    wait_until(lambda: queue.count_dead() == dead + 1)
    assert path.read_text(encoding="utf-8") == "run\n"
    assert queue.store.get(name).status == "cancelled"


def test_a_job_that_is_cancelled_while_it_waits_does_not_run(queue: Queue) -> None:
    """Its message is skipped."""
    path = queue.path()
    name = queue.send("long", str(path), delay=300)
    queue.store.apply(name, JobStatus.cancel)
    last = queue.send("convert", 1, delay=600)
    assert queue.end_of(last).status == "completed"
    assert not path.exists()
    assert queue.store.get(name).status == "cancelled"


def test_a_time_limit_fails_the_job(queue: Queue) -> None:
    """It is an exception of Dramatiq."""
    assert queue.end_of(queue.send("slow")).error == "TimeLimitExceeded"


def test_a_message_that_is_skipped_is_cancelled(queue: Queue) -> None:
    """Otherwise its job would be processing for ever."""
    name = queue.send("skip")
    assert queue.end_of(name) == JobStatus(name, "cancelled", error="skipped")
    after = queue.send("convert", 2)
    assert queue.end_of(after).status == "completed"
    assert queue.store.get(name).progress is None


def test_a_job_that_has_ended_cannot_be_cancelled(queue: Queue) -> None:
    """It stays as it is."""
    name = queue.send("convert", 1)
    queue.end_of(name)
    with pytest.raises(IllegalTransitionError):
        queue.store.apply(name, JobStatus.cancel)


def test_a_message_of_a_killed_worker_is_taken_by_the_next_one(queue: Queue) -> None:
    """Its job goes on, in the same state."""
    path = queue.path()
    name = queue.send("die", str(path))
    wait_until(path.exists)
    queue.kill_worker()
    assert queue.store.get(name) == JobStatus(name, "processing")
    queue.start_worker()
    assert queue.end_of(name).status == "completed"
    assert path.read_text(encoding="utf-8") == "run\nrun\n"
    states = [change.job.status.value for change in queue.store.history(name)]
    assert states == ["queued", "processing", "completed"]
