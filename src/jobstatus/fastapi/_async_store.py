"""A store, as an event loop uses it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from functools import partial
from typing import Final, TypeVar, final

from jobstatus._states import JobState
from jobstatus._status import JobStatus
from jobstatus.errors import DecodeError, UnknownJobError
from jobstatus.stores import Store, Stored, Version

T = TypeVar("T")

LOGGER: Final = logging.getLogger("jobstatus.fastapi")
_NO_VERSION: Final = Version(0, "")


@final
class _Waiter:
    """Waits for a version other than the one that was seen."""

    __slots__ = ("news", "seen")

    def __init__(self, seen: Version) -> None:
        self.seen = seen
        self.news: asyncio.Future[Stored] = asyncio.get_running_loop().create_future()


@final
class AsyncStore:
    """Reads and changes jobs in a few threads, and waits for changes without one.

    All that wait share one poller, which asks the store for all of their jobs at once. It has a
    thread of its own, which ends when nobody waits any more.

    Args:
        store: The store.
        threads: The most threads for reads and changes. Each has a connection to the database.
        interval: Seconds between two questions of the poller.
    """

    def __init__(self, store: Store, *, threads: int, interval: float) -> None:
        self._store, self._interval = store, interval
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="jobstatus")
        self._waiters: dict[str, set[_Waiter]] = {}
        self._poller: asyncio.Task[None] | None = None

    async def read(self, id: str) -> Stored:
        """Return a job with its version."""
        return await _run(self._threads, partial(self._store.read, id))

    async def cancel(self, id: str) -> Stored:
        """Cancel a job. One that is cancelled already stays as it is."""
        lifecycle = self._store.lifecycle

        def cancel(job: JobStatus) -> JobStatus:
            if job.status is JobState.CANCELLED:
                return job
            return job.transition_to(JobState.CANCELLED, lifecycle=lifecycle)

        return await _run(self._threads, partial(self._store.apply, id, cancel))

    async def next(self, id: str, seen: Version, seconds: float) -> Stored | None:
        """Wait for another version of a job, and return it, or None after some seconds.

        Raises:
            DecodeError: If somebody else has written a payload that is not a job.
            UnknownJobError: If the job was removed.
        """
        waiter = _Waiter(seen)
        self._waiters.setdefault(id, set()).add(waiter)
        if self._poller is None:
            self._poller = asyncio.create_task(self._poll(), name="jobstatus-poller")
        try:
            async with asyncio.timeout(seconds):
                return await waiter.news
        except TimeoutError:
            return None
        finally:
            waiters = self._waiters[id]
            waiters.remove(waiter)
            if not waiters:
                del self._waiters[id]

    async def _poll(self) -> None:
        thread = ThreadPoolExecutor(1, thread_name_prefix="jobstatus-poller")
        clock = asyncio.get_running_loop().time
        waited, is_failing = clock(), False
        try:
            # Between two changes of the only job, nobody waits for a moment.
            while self._waiters or clock() - waited < self._interval:
                waited = clock() if self._waiters else waited
                next_round = clock() + self._interval
                try:
                    await self._ask(thread)
                except Exception as error:
                    if not is_failing:
                        LOGGER.warning("cannot ask for changes, and will try again", exc_info=error)
                    is_failing = True
                else:
                    is_failing = False
                # A notification may have come at once. Many changes are one round.
                await asyncio.sleep(next_round - clock())
        finally:  # with no await since the loop has seen that nobody waits
            thread.shutdown(wait=False)
            self._poller = None

    async def _ask(self, thread: ThreadPoolExecutor) -> None:
        await _run(thread, partial(self._store.wait, self._interval))
        # Only those that wait already: the answer may be older than what others know.
        waiters = {name: [*group] for name, group in self._waiters.items()}
        seen = {name: _common_version(group) for name, group in waiters.items()}
        news = await _run(thread, partial(_look, self._store, seen))
        for name, outcome in news.items():
            for waiter in waiters[name]:
                _tell(waiter, outcome)


async def _run(threads: ThreadPoolExecutor, function: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(threads, function)


def _common_version(waiters: list[_Waiter]) -> Version:
    first, *others = {waiter.seen for waiter in waiters}
    return _NO_VERSION if others else first


def _look(store: Store, seen: Mapping[str, Version]) -> dict[str, Stored | Exception]:
    try:
        news = store.changed(seen)
    except DecodeError as error:
        if len(seen) == 1:
            return dict.fromkeys(seen, error)
        # One payload cannot be read. The others can.
        parts = [_look(store, {name: version}) for name, version in seen.items()]
        return {name: outcome for part in parts for name, outcome in part.items()}
    return {name: stored or UnknownJobError(id=name) for name, stored in news.items()}


def _tell(waiter: _Waiter, outcome: Stored | Exception) -> None:
    if waiter.news.done():
        return
    if isinstance(outcome, Exception):
        waiter.news.set_exception(copy(outcome))  # one for each, because it gets a traceback
    elif outcome.version != waiter.seen:
        waiter.news.set_result(outcome)
