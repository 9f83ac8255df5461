"""The actors of a Dramatiq broker, whose workers the tests start."""

from __future__ import annotations

import os
import time
from typing import Any, cast

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import SkipMessage

from jobstatus import RETRYING
from jobstatus.queues import Publisher, track
from jobstatus.queues.dramatiq import PublishMiddleware
from tests.support.databases import open_store
from tests.support.workers import note

publisher = Publisher(open_store(os.environ["STORE"], lifecycle=RETRYING))
broker: Any = cast("Any", RedisBroker)(url=os.environ["BROKER"])
broker.add_middleware(PublishMiddleware(publisher))
dramatiq.set_broker(broker)


@dramatiq.actor
def convert(pages: int) -> None:
    """Complete."""
    for _ in track(range(pages)):
        pass


@dramatiq.actor(max_retries=0)
def fail() -> None:
    """Fail with a text that is not for clients."""
    raise OSError("https://example.com/?key=SECRET")


@dramatiq.actor(max_retries=2, min_backoff=1)
def flaky(path: str) -> None:
    """Complete at the second attempt."""
    if note(path) < 2:
        raise OSError("try again")


@dramatiq.actor(max_retries=2, min_backoff=1)
def long(path: str) -> None:
    """Work until the job is cancelled. Dramatiq would retry any exception."""
    note(path)
    for _ in track(range(3_000)):
        time.sleep(0.01)


@dramatiq.actor(time_limit=500, max_retries=0)
def slow() -> None:
    """Run into the time limit."""
    while True:
        time.sleep(0.01)


@dramatiq.actor(max_retries=0)
def skip() -> None:
    """Skip the message."""
    raise SkipMessage
