"""The actors of a Dramatiq broker, whose workers the tests start."""

from __future__ import annotations

import os
import signal
import time
from functools import partial
from typing import Any, cast

import dramatiq
from dramatiq.middleware import SkipMessage

from jobstatus import RETRYING
from jobstatus.queues import Publisher, track
from jobstatus.queues.dramatiq import PublishMiddleware
from tests.support.databases import open_store
from tests.support.workers import note

publisher = Publisher(open_store(os.environ["STORE"], lifecycle=RETRYING))
QUEUE = os.environ["QUEUE"]


def make_broker(url: str) -> Any:
    """Return a broker that soon notices a killed worker."""
    if url.startswith("amqp:"):
        from dramatiq.brokers.rabbitmq import RabbitmqBroker

        return cast("Any", RabbitmqBroker)(url=url)
    from dramatiq.brokers.redis import RedisBroker

    often = {"heartbeat_timeout": 500, "maintenance_chance": 1_000_000}
    return cast("Any", RedisBroker)(url=url, **often)


broker = make_broker(os.environ["BROKER"])
broker.add_middleware(PublishMiddleware(publisher))
dramatiq.set_broker(broker)
actor = partial(dramatiq.actor, queue_name=QUEUE)


@actor()
def convert(pages: int) -> None:
    """Complete."""
    for _ in track(range(pages)):
        pass


@actor(max_retries=0)
def fail() -> None:
    """Fail with a text that is not for clients."""
    raise OSError("https://example.com/?key=SECRET")


@actor(max_retries=2, min_backoff=1)
def flaky(path: str) -> None:
    """Complete at the second attempt."""
    if note(path) < 2:
        raise OSError("try again")


@actor(max_retries=2, min_backoff=1)
def long(path: str) -> None:
    """Work until the job is cancelled. Dramatiq would retry any exception."""
    note(path)
    for _ in track(range(3_000)):
        time.sleep(0.01)


@actor(time_limit=500, max_retries=0)
def slow() -> None:
    """Run into the time limit."""
    while True:
        time.sleep(0.01)


@actor(max_retries=0)
def skip() -> None:
    """Skip the message."""
    raise SkipMessage


@actor()
def die(path: str) -> None:
    """Kill the worker at the first attempt."""
    if note(path) == 1:
        os.kill(os.getppid(), signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)
