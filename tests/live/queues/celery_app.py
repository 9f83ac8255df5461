"""The tasks of a Celery app, whose workers the tests start."""

# Celery has no types that pyright's strict mode knows.
# pyright: basic, reportMissingImports=false

from __future__ import annotations

import os
import signal
import threading
import time
from contextvars import copy_context
from pathlib import Path

from celery import Celery
from celery.exceptions import Reject

from jobstatus import RETRYING, STANDARD
from jobstatus.queues import Publisher, report, track
from jobstatus.queues.celery import connect
from jobstatus.stores import JobError
from tests.support.databases import open_store
from tests.support.workers import note

app = Celery("tests", broker=os.environ["BROKER"], backend=os.environ["BACKEND"])
app.conf.update(
    task_track_started=True,
    task_default_queue=os.environ["QUEUE"],
    broker_connection_retry_on_startup=True,
    worker_hijack_root_logger=False,
)
LIFECYCLE = {"standard": STANDARD, "retrying": RETRYING}[os.environ.get("LIFECYCLE", "retrying")]
publisher = Publisher(open_store(os.environ["STORE"], lifecycle=LIFECYCLE))
connect(app, publisher)


@app.task
def convert(pages: int) -> None:
    """Complete."""
    for _ in track(range(pages)):
        pass


@app.task
def fail() -> None:
    """Fail with a text that is not for clients."""
    raise OSError("https://example.com/?key=SECRET")


@app.task
def refuse() -> None:
    """Fail with a text for clients."""
    raise JobError("no such bucket")


@app.task
def reject() -> None:
    """Be rejected."""
    raise Reject("no", requeue=False)


@app.task(bind=True, autoretry_for=(OSError,), max_retries=2, default_retry_delay=0)
def flaky(self: object, path: str) -> None:
    """Complete at the second attempt."""
    if note(path) < 2:
        raise OSError("try again")


@app.task(autoretry_for=(Exception,), max_retries=2, default_retry_delay=0)
def long(path: str) -> None:
    """Work until the job is cancelled. Celery would retry any exception."""
    note(path)
    for _ in track(range(3_000)):
        time.sleep(0.01)


@app.task(time_limit=1)
def slow() -> None:
    """Run into the hard time limit."""
    time.sleep(60)


@app.task
def die() -> None:
    """Kill the process of the worker."""
    os.kill(os.getpid(), signal.SIGKILL)


@app.task
def outer() -> None:
    """Run another task inside."""
    convert.apply(args=(4,)).get(disable_sync_subtasks=False)
    report(40)


@app.task
def threads() -> list[str]:
    """Report in threads, with and without the context of the task."""
    errors: list[str] = []

    def work(progress: float) -> None:
        try:
            report(progress)
        except RuntimeError as error:
            errors.append(str(error))

    for target, arguments in ((work, (10,)), (copy_context().run, (work, 20))):
        thread = threading.Thread(target=target, args=arguments)
        thread.start()
        thread.join()
    return errors


@app.task
def loop() -> None:
    """Work for long."""
    for _ in track(range(3_000)):
        time.sleep(0.01)


@app.task(autoretry_for=(Exception,), max_retries=2, default_retry_delay=0)
def calls(path: str) -> None:
    """Call another task as a function."""
    note(path)
    loop()


@app.task
def works_in_a_thread(path: str) -> None:
    """Report in a thread, until the job is cancelled."""

    def work() -> None:
        try:
            loop()
        except Exception as error:  # noqa: BLE001 - noted for the test
            Path(path).write_text(type(error).__name__, encoding="utf-8")

    thread = threading.Thread(target=copy_context().run, args=(work,))
    thread.start()
    thread.join()
    report(99)
