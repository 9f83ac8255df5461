"""The router streams from PostgreSQL."""

import asyncio
import time

import pytest

from jobstatus import JobStatus
from jobstatus.stores import PostgresStore

pytest.importorskip("fastapi", reason="FastAPI is not installed")
from tests.serving.behaviour import *  # noqa: F403 - the tests of every database
from tests.serving.behaviour import EVENTS, ID, run
from tests.support.http import Exchange


def test_a_notification_wakes_the_poller(address: str) -> None:
    """It need not wait for the interval."""
    with PostgresStore(address, notify=True) as store:
        store.create(JobStatus.queued(ID))

        async def test(port: int) -> None:
            stream = await Exchange.start(port, EVENTS)
            events = stream.events()
            await anext(events)
            await asyncio.sleep(0.5)  # the poller listens
            before = time.monotonic()
            store.apply(ID, JobStatus.cancel)
            assert len([event async for event in events]) == 1
            assert time.monotonic() - before < 1

        run(store, test, interval=5)


def test_many_notifications_are_one_event(address: str) -> None:
    """The poller asks once for each interval."""
    with PostgresStore(address, notify=True) as store:
        store.create(JobStatus.queued(ID))
        store.apply(ID, JobStatus.start)

        async def test(port: int) -> None:
            stream = await Exchange.start(port, EVENTS)
            end = time.monotonic() + 2

            def work() -> None:
                while time.monotonic() < end:
                    store.apply(ID, lambda job: job.update(progress=(job.progress or 0) % 99 + 1))
                store.apply(ID, JobStatus.complete)

            working = asyncio.create_task(asyncio.to_thread(work))
            events = [event async for event in stream.events()]
            await working
            assert 3 <= len(events) <= 8
            assert len(store.history(ID)) > 100

        run(store, test, interval=0.5)
