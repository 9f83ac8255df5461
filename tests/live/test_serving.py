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
