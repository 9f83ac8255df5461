"""The functions of RQ's jobs, which its workers import."""

from __future__ import annotations

import asyncio
import os
import signal
import time

from rq import Retry

from jobstatus import RETRYING
from jobstatus.queues import Publisher, report, track
from jobstatus.queues.rq import exception_handler, publish
from tests.support.databases import open_store
from tests.support.workers import note

publisher = Publisher(open_store(os.environ["STORE"], lifecycle=RETRYING))
handle = exception_handler(publisher)


@publish(publisher)
def convert(pages: int) -> int:
    """Complete."""
    for _ in track(range(pages)):
        pass
    return pages


@publish(publisher)
def fail() -> None:
    """Fail with a text that is not for clients, and that looks like another exception."""
    raise OSError("no\nValueError: SECRET")


@publish(publisher)
def flaky(path: str) -> None:
    """Complete at the second attempt."""
    if note(path) < 2:
        raise OSError("try again")


@publish(publisher)
def long(path: str) -> None:
    """Work until the job is cancelled."""
    note(path)
    for _ in track(range(3_000)):
        time.sleep(0.01)


@publish(publisher)
def slow() -> None:
    """Run into the time limit."""
    time.sleep(60)


@publish(publisher)
def die() -> None:
    """Kill the work horse."""
    os.kill(os.getpid(), signal.SIGKILL)


def plain() -> None:
    """Fail without the decorator."""
    raise OSError("no")


@publish(publisher)
def inner() -> None:
    """Report, and return."""
    report(50)


@publish(publisher)
def outer() -> None:
    """Call another function of a job."""
    inner()
    report(60)


@publish(publisher)
async def coroutine() -> None:
    """Report in a coroutine."""
    await asyncio.sleep(0)
    report(30)


@publish(publisher)
def returns_retry() -> Retry:
    """Ask for another attempt each time."""
    return Retry(max=1)


@publish(publisher)
def repeats(path: str) -> None:
    """Report, and note it."""
    report(50)
    note(path)
