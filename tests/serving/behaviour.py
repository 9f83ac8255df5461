"""Clients of `status_router` wait for a job, over real HTTP, whatever the database."""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from operator import gt
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from fastapi import FastAPI

from jobstatus import RETRYING, JobState, JobStatus, StoreError
from jobstatus.fastapi import status_router
from jobstatus.stores import Store, Version
from tests.support.databases import execute, open_store
from tests.support.http import Event, Exchange, serving

ID = "job-42"
EVENTS = f"/jobs/{ID}/events"
Step: TypeAlias = Callable[[JobStatus], JobStatus[Any]]
Test: TypeAlias = Callable[[int], Coroutine[Any, Any, None]]


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    """Return a store with a job that is queued."""
    with open_store(address) as opened:
        opened.create(JobStatus.queued(ID))
        yield opened


def run(store: Store, test: Test, **options: Any) -> None:
    """Run a test with the port of a service."""

    async def main() -> None:
        app = FastAPI()
        chosen: dict[str, Any] = {"authorize": None, "interval": 0.02} | options
        app.include_router(status_router(store, **chosen))
        async with asyncio.timeout(60), serving(app) as port:
            try:
                await test(port)
            finally:
                await Exchange.close_all()

    # In a thread, because CPython 3.11 loses the trace function of a thread whose coroutine was
    # cancelled, and coverage with it.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, main()).result()


async def until(is_true: Callable[[], bool]) -> None:
    """Wait for something that reports no event."""
    async with asyncio.timeout(10):
        while not is_true():  # noqa: ASYNC110 - see above
            await asyncio.sleep(0.01)


def move(target: JobState, job: JobStatus) -> JobStatus:
    """Take a step that RETRYING has."""
    return job.transition_to(target, lifecycle=RETRYING)


def halve(job: JobStatus) -> JobStatus:
    """Report half of the work."""
    return job.update(progress=50)


def after(version: Version) -> dict[str, str]:
    """Return the headers of a client that has seen a version."""
    return {"Last-Event-ID": str(version)}


def having(version: Version, seconds: int) -> dict[str, str]:
    """Return the headers of a client that waits for another version."""
    return {"If-None-Match": f'"{version}"', "Prefer": f"wait={seconds}"}


def test_a_stream_has_the_job_and_each_change_up_to_its_end(store: Store) -> None:
    """The id of an event is the version, and the data is the JSON of the job."""

    async def test(port: int) -> None:
        stream = await Exchange.start(port, EVENTS)
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert stream.headers["cache-control"] == "no-cache"
        assert stream.headers["x-accel-buffering"] == "no"
        steps: list[Step] = [JobStatus.start, halve, JobStatus.complete]
        received: list[Event] = []
        async for event in stream.events():
            received.append(event)
            if steps:
                store.apply(ID, steps.pop(0))
        changes = store.history(ID)
        assert received == [(str(change.version), change.job.to_json()) for change in changes]
        assert len(received) == 4

    run(store, test)


def test_a_stream_tells_a_browser_how_soon_to_come_back(store: Store) -> None:
    """After a second, for example when the service starts again."""

    async def test(port: int) -> None:
        stream = await Exchange.start(port, EVENTS)
        assert "\nretry: 1000\n" in await anext(stream.blocks())
        await stream.close()

    run(store, test)


def test_a_stream_goes_on_after_the_last_event(store: Store) -> None:
    """What the client has does not come again."""

    async def test(port: int) -> None:
        stream = await Exchange.start(port, EVENTS, headers=after(store.read(ID).version))
        done = store.apply(ID, JobStatus.cancel)
        assert [event.id async for event in stream.events()] == [str(done.version)]

    run(store, test)


def test_a_stream_sends_at_once_what_the_client_has_missed(store: Store) -> None:
    """The last change is enough."""
    first = store.read(ID).version
    store.apply(ID, JobStatus.start)
    last = store.apply(ID, lambda job: job.complete())

    async def test(port: int) -> None:
        stream = await Exchange.start(port, EVENTS, headers=after(first))
        assert [event.id async for event in stream.events()] == [str(last.version)]

    run(store, test)


@pytest.mark.parametrize("known", ["7", "1-" + "0" * 32, "x" * 5_000, "\xe4"])
def test_an_event_id_of_somebody_else_is_ignored(store: Store, known: str) -> None:
    """For example, that of a job with the same id that was removed."""
    done = store.apply(ID, JobStatus.cancel)

    async def test(port: int) -> None:
        stream = await Exchange.start(port, EVENTS, headers={"Last-Event-ID": known})
        assert [event.id async for event in stream.events()] == [str(done.version)]

    run(store, test)


def test_a_client_that_knows_the_end_is_told_to_stay_away(store: Store) -> None:
    """With 204, a browser does not open the stream again."""
    done = store.apply(ID, JobStatus.cancel)

    async def test(port: int) -> None:
        answer = await Exchange.start(port, EVENTS, headers=after(done.version))
        assert (answer.status, await answer.body()) == (204, "")

    run(store, test)


def test_a_stream_without_news_has_comments(store: Store) -> None:
    """So that no proxy takes it for dead."""

    async def test(port: int) -> None:
        stream = await Exchange.start(port, EVENTS, headers=after(store.read(ID).version))
        blocks = stream.blocks()
        assert [await anext(blocks), await anext(blocks)] == [": ping\n\n", ": ping\n\n"]
        await stream.close()

    run(store, test, heartbeat=0.05)


def test_a_stream_of_a_job_that_is_removed_ends(store: Store, address: str) -> None:
    """The next request gets 404."""

    async def test(port: int) -> None:
        stream = await Exchange.start(port, EVENTS, headers=after(store.read(ID).version))
        execute(address, "DELETE FROM jobs")  # past the store, which only removes ended jobs
        assert [event async for event in stream.events()] == []
        assert (await Exchange.start(port, EVENTS)).status == 404

    run(store, test)


def test_a_stream_ends_after_some_time(store: Store) -> None:
    """The client comes back, and is authorized again."""

    async def test(port: int) -> None:
        stream = await Exchange.start(port, EVENTS)
        assert [event.id async for event in stream.events()] == [str(store.read(ID).version)]

    run(store, test, longest=0.1)


def test_a_job_that_may_be_retried_has_not_ended(address: str) -> None:
    """Its stream goes on after it has failed, and progress may fall."""
    with open_store(address, lifecycle=RETRYING) as store:
        store.create(JobStatus.queued(ID))
        store.apply(ID, lambda job: job.start(progress=90))
        store.apply(ID, lambda job: job.fail("no such bucket"))

        async def test(port: int) -> None:
            stream = await Exchange.start(port, EVENTS)
            states_to_come = [JobState.PROCESSING, JobState.COMPLETED]
            states: list[str] = []
            async for event in stream.events():
                states.append(JobStatus.from_json(event.data).status.value)
                if states_to_come:
                    target = states_to_come.pop(0)
                    store.apply(ID, partial(move, target))
            assert states == ["failed", "processing", "completed"]

        run(store, test)


def test_an_id_with_an_encoded_percent_sign_is_found(store: Store) -> None:
    """It is decoded once."""
    store.create(JobStatus.queued("%2F"))

    async def test(port: int) -> None:
        answer = await Exchange.start(port, "/jobs/%252F")
        assert JobStatus.from_json(await answer.body()).id == "%2F"
        assert (await Exchange.start(port, "/jobs/%2F")).status == 404

    run(store, test)


def test_a_long_poll_waits_for_a_change(store: Store) -> None:
    """It says that it did."""
    version = store.read(ID).version

    async def test(port: int) -> None:
        waiting = asyncio.create_task(
            Exchange.start(port, f"/jobs/{ID}", headers=having(version, 30))
        )
        await asyncio.sleep(0.1)
        assert not waiting.done()
        changed = store.apply(ID, JobStatus.start)
        answer = await waiting
        assert (answer.status, answer.headers["preference-applied"]) == (200, "wait=30")
        assert answer.headers["etag"] == f'"{changed.version}"'
        assert await answer.body() == changed.job.to_json()

    run(store, test)


def test_a_long_poll_without_news_is_304(store: Store) -> None:
    """After the seconds that the client prefers, or the most that there are."""
    version = store.read(ID).version

    async def test(port: int) -> None:
        answer = await Exchange.start(port, f"/jobs/{ID}", headers=having(version, 3_600))
        assert (answer.status, answer.headers["preference-applied"]) == (304, "wait=1")

    run(store, test, longest=1)


@pytest.mark.parametrize(
    "prefer", ["wait=0", "wait=-5", "wait=soon", "wait", "respond-async", "wait=" + "9" * 5_000]
)
def test_a_preference_that_means_nothing_is_ignored(store: Store, prefer: str) -> None:
    """The answer comes at once."""
    headers = {"If-None-Match": f'"{store.read(ID).version}"', "Prefer": prefer}

    async def test(port: int) -> None:
        answer = await Exchange.start(port, f"/jobs/{ID}", headers=headers)
        assert answer.status == 304
        assert "preference-applied" not in answer.headers

    run(store, test)


def test_a_long_poll_for_a_job_that_has_ended_does_not_wait(store: Store) -> None:
    """There will be no news."""
    done = store.apply(ID, JobStatus.cancel)

    async def test(port: int) -> None:
        answer = await Exchange.start(port, f"/jobs/{ID}", headers=having(done.version, 30))
        assert answer.status == 304

    run(store, test)


def test_a_long_poll_without_a_version_does_not_wait(store: Store) -> None:
    """Any answer is news for this client."""

    async def test(port: int) -> None:
        headers = {"Prefer": "respond-async, wait=30"}
        assert (await Exchange.start(port, f"/jobs/{ID}", headers=headers)).status == 200

    run(store, test)


def test_streams_and_long_polls_are_counted(store: Store) -> None:
    """One too many gets 503, until another client goes away."""
    version = store.read(ID).version

    async def test(port: int) -> None:
        stream = await Exchange.start(port, EVENTS)
        polling = asyncio.create_task(
            Exchange.start(port, f"/jobs/{ID}", headers=having(version, 30))
        )
        await asyncio.sleep(0.1)
        for refused in (
            await Exchange.start(port, EVENTS),
            await Exchange.start(port, f"/jobs/{ID}", headers=having(version, 30)),
        ):
            assert (refused.status, refused.headers["retry-after"]) == (503, "10")
            assert json.loads(await refused.body())["title"] == "Service Unavailable"
        assert (await Exchange.start(port, f"/jobs/{ID}")).status == 200
        polling.cancel()
        await stream.close()
        await until_open(port)

    run(store, test, max_streams=2)


async def until_open(port: int) -> None:
    """Wait until another stream may be opened, because a client has gone away."""
    async with asyncio.timeout(10):
        while (again := await Exchange.start(port, EVENTS)).status == 503:
            await again.close()
            await asyncio.sleep(0.01)
    await again.close()


def test_a_client_of_a_long_poll_may_go_away(store: Store) -> None:
    """Its place is free at once, and not after the seconds that it wanted."""
    version = store.read(ID).version

    async def test(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        lines = "".join(f"{name}: {value}\r\n" for name, value in having(version, 60).items())
        writer.write(f"GET /jobs/{ID} HTTP/1.1\r\nhost: x\r\n{lines}\r\n".encode())
        await asyncio.sleep(0.1)
        assert (await Exchange.start(port, EVENTS)).status == 503
        writer.close()
        await until_open(port)
        del reader

    run(store, test, max_streams=1)


def test_all_that_wait_share_one_question(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is about each watched job once."""
    asked: list[set[str]] = []
    changed = store.changed

    def note(seen: Mapping[str, Version]) -> dict[str, Any]:
        asked.append({*seen})
        return changed(seen)

    monkeypatch.setattr(store, "changed", note)
    store.create(JobStatus.queued("other"))

    async def test(port: int) -> None:
        targets = (EVENTS, EVENTS, "/jobs/other/events")
        streams = [await Exchange.start(port, target) for target in targets]
        await until(lambda: {ID, "other"} in asked)
        store.apply(ID, JobStatus.cancel)
        for stream in streams[:2]:
            assert len([event async for event in stream.events()]) == 2
        await streams[2].close()
        before = len(asked)
        await asyncio.sleep(0.3)
        assert len(asked) <= before + 2  # nobody waits, so nobody asks

    run(store, test)


def test_a_client_never_sees_an_older_version(store: Store) -> None:
    """Although the answer of the poller is older than what a new client has read."""
    old, changed, is_slow = store.apply(ID, JobStatus.start), store.changed, threading.Event()

    def answer_late(seen: Mapping[str, Version]) -> dict[str, Any]:
        found = changed(seen)
        if not is_slow.is_set():
            is_slow.wait(5)
            return {ID: old}
        return found

    async def test(port: int) -> None:
        store.changed = answer_late  # type: ignore[method-assign]  # a store that is slow
        first = await Exchange.start(port, EVENTS)
        events = first.events()
        assert (await anext(events)).id == str(old.version)
        await asyncio.sleep(0.1)
        new = store.apply(ID, lambda job: job.update(progress=50))
        second = await Exchange.start(port, EVENTS)
        assert (await anext(second.events())).id == str(new.version)
        is_slow.set()
        done = store.apply(ID, lambda job: job.complete())
        assert [event.id async for event in second.events()] == [str(done.version)]
        assert (await anext(events)).id in {str(new.version), str(done.version)}

    run(store, test)


def test_an_answer_that_comes_after_a_comment_is_asked_for_again(store: Store) -> None:
    """Who waited for it has given up."""
    changed, is_slow = store.changed, threading.Event()

    def answer_late(seen: Mapping[str, Version]) -> dict[str, Any]:
        found = changed(seen)
        if not is_slow.is_set():
            is_slow.wait(5)
        return found

    async def test(port: int) -> None:
        store.changed = answer_late  # type: ignore[method-assign]  # a store that is slow
        stream = await Exchange.start(port, EVENTS)
        blocks = stream.blocks()
        await anext(blocks)
        done = store.apply(ID, JobStatus.cancel)
        assert await anext(blocks) == ": ping\n\n"
        is_slow.set()
        rest = [block async for block in blocks]
        assert str(done.version) in rest[-1]

    run(store, test, heartbeat=0.2)


def test_a_store_that_fails_is_asked_again(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The streams stay open meanwhile, and the failure is logged once."""
    changed, failures = store.changed, iter(range(3))

    def fail_first(seen: Mapping[str, Version]) -> dict[str, Any]:
        if next(failures, None) is not None:
            raise StoreError(message="PostgreSQL failed: it starts")
        return changed(seen)

    monkeypatch.setattr(store, "changed", fail_first)

    async def test(port: int) -> None:
        stream = await Exchange.start(port, EVENTS)
        events = stream.events()
        await anext(events)
        done = store.apply(ID, JobStatus.cancel)
        assert [event.id async for event in events] == [str(done.version)]

    run(store, test)
    (record,) = (record for record in caplog.records if record.name == "jobstatus.fastapi")
    assert record.exc_info is not None
    assert "it starts" in str(record.exc_info[1])


def test_an_unexpected_exception_does_not_end_the_poller(store: Store) -> None:
    """Those that wait still get their news."""
    changed, has_failed = store.changed, threading.Event()

    def fail_first(seen: Mapping[str, Version]) -> dict[str, Any]:
        if not has_failed.is_set():
            has_failed.set()
            raise RuntimeError("a fault of the driver")
        return changed(seen)

    async def test(port: int) -> None:
        store.changed = fail_first  # type: ignore[method-assign]  # a store with a fault
        waiting = asyncio.create_task(
            Exchange.start(port, f"/jobs/{ID}", headers=having(store.read(ID).version, 30))
        )
        await until(has_failed.is_set)
        store.apply(ID, JobStatus.start)
        assert (await waiting).status == 200

    run(store, test)


def test_a_client_that_comes_while_the_poller_ends_is_served(store: Store) -> None:
    """A round for which nobody waits is slow here, and the client comes in the middle of it."""
    changed, is_slow = store.changed, threading.Event()

    def answer_late(seen: Mapping[str, Version]) -> dict[str, Any]:
        if not seen:
            is_slow.set()
            time.sleep(0.3)
        return changed(seen)

    async def test(port: int) -> None:
        store.changed = answer_late  # type: ignore[method-assign]  # a store that is slow
        stream = await Exchange.start(port, EVENTS, headers=after(store.read(ID).version))
        await stream.close()
        await until(is_slow.is_set)
        waiting = asyncio.create_task(
            Exchange.start(port, f"/jobs/{ID}", headers=having(store.read(ID).version, 30))
        )
        await asyncio.sleep(0.1)
        store.apply(ID, JobStatus.start)
        assert (await waiting).status == 200

    run(store, test)


def test_a_client_that_reads_nothing_loses_its_place(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the longest time that a stream may take."""
    monkeypatch.setattr("jobstatus.fastapi._streams._GRACE", 0.0)
    store.apply(ID, JobStatus.start)
    store.apply(ID, lambda job: job.fail("x" * 16_000_000))

    async def test(port: int) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)
        writer.write(f"GET {EVENTS} HTTP/1.1\r\nhost: x\r\n\r\n".encode())
        await asyncio.sleep(0.1)
        assert (await Exchange.start(port, EVENTS)).status == 503
        await until_open(port)
        writer.transport.abort()

    run(store, test, max_streams=1, longest=0.5)


def test_a_payload_that_nobody_can_read_stops_no_other_stream(store: Store, address: str) -> None:
    """Somebody has written it past the store."""
    store.create(JobStatus.queued("other"))

    async def test(port: int) -> None:
        broken = await Exchange.start(port, EVENTS, headers=after(store.read(ID).version))
        other = await Exchange.start(port, "/jobs/other/events")
        execute(address, "UPDATE jobs SET payload = '{}', version = 2 WHERE id = 'job-42'")
        store.apply("other", JobStatus.cancel)
        assert len([event async for event in other.events()]) == 2
        assert [event async for event in broken.events()] == []

    run(store, test)


def test_a_stream_goes_on_after_the_service_starts_again(store: Store) -> None:
    """The client comes back with the last event that it has."""

    async def main() -> None:
        app = FastAPI()
        app.include_router(status_router(store, authorize=None, interval=0.02))
        async with serving(app) as port:
            stream = await Exchange.start(port, EVENTS)
            events = stream.events()
            last = await anext(events)
        assert [event async for event in events] == []  # the service has ended
        done = store.apply(ID, JobStatus.cancel)
        async with serving(app, port=port):
            again = await Exchange.start(port, EVENTS, headers={"Last-Event-ID": last.id})
            assert [event.id async for event in again.events()] == [str(done.version)]
            await Exchange.close_all()

    asyncio.run(asyncio.wait_for(main(), 60))


STREAMS = 1_000


def count_sockets() -> int:
    """Return the number of open sockets of this process."""
    links = Path("/proc/self/fd").iterdir()
    return sum(link.is_symlink() and "socket:" in str(link.readlink()) for link in links)


@pytest.mark.skipif(sys.platform != "linux", reason="counts sockets in /proc")
def test_a_thousand_streams_cost_nothing(store: Store) -> None:
    """A cancel is answered and seen at once, and nothing is left when the clients have gone."""
    for n in range(STREAMS):
        store.create(JobStatus.queued(f"stream-{n}"))

    async def test(port: int) -> None:
        # Afterwards, the threads of the service are there, each with its connection.
        await asyncio.gather(*[Exchange.start(port, f"/jobs/{ID}") for _ in range(100)])
        await Exchange.close_all()
        await asyncio.sleep(0.1)
        gc.collect()

        def count() -> tuple[int, int, int]:
            return len(asyncio.all_tasks()), threading.active_count(), count_sockets()

        before = count()
        paths = [f"/jobs/stream-{n}/events" for n in range(STREAMS)]
        streams = [await Exchange.start(port, path) for path in paths]
        for stream in streams:
            await anext(stream.events())
        assert threading.active_count() <= before[1] + 1
        await asyncio.sleep(0.5)

        start = time.monotonic()
        answer = await Exchange.start(port, "/jobs/stream-500/cancel", method="POST")
        assert JobStatus.from_json(await answer.body()).status == "cancelled"
        answered = time.monotonic() - start
        event = await anext(streams[500].events())
        assert JobStatus.from_json(event.data).status == "cancelled"
        arrived = time.monotonic() - start
        assert answered < 0.1
        assert arrived < 1

        for stream in streams:
            await stream.close()
        async with asyncio.timeout(2):
            while any(map(gt, count(), before)):  # noqa: ASYNC110 - as in until
                await asyncio.sleep(0.05)

    run(store, test, interval=0.5)
