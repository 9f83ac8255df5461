"""Streams of server-sent events, and how many there may be."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Collection, Generator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Final, final

from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from jobstatus._states import JobState
from jobstatus._untrusted import excerpt
from jobstatus.errors import DecodeError, UnknownJobError
from jobstatus.fastapi._async_store import LOGGER, AsyncStore
from jobstatus.stores import Stored, Version

_GRACE: Final = 5.0
_RECONNECT_AFTER: Final = 1_000
"""Milliseconds after which a browser opens a stream again that was cut."""


@final
class Streams:
    """The streams and the long polls of this process.

    Args:
        most: How many there may be.
        heartbeat: Seconds between an event or comment and the next comment.
        longest: Seconds after which a stream ends at the latest.
        terminal: The states in which a job has ended.
    """

    def __init__(
        self, most: int, *, heartbeat: float, longest: float, terminal: Collection[JobState]
    ) -> None:
        self._most, self._taken = most, 0
        self._heartbeat, self._longest, self._terminal = heartbeat, longest, terminal

    def is_end(self, stored: Stored) -> bool:
        """Return whether a job has ended."""
        return stored.job.status in self._terminal

    @property
    def are_full(self) -> bool:
        """Whether there may be no other one."""
        return self._taken >= self._most

    @contextmanager
    def take_place(self) -> Generator[None]:
        """Be one of them for a time."""
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1

    def open(self, jobs: AsyncStore, stored: Stored, seen: Version | None) -> EventStream:
        """Return a response with an event for each change of a job.

        Args:
            jobs: The store.
            stored: The job as it is now.
            seen: The version that the client has.
        """
        events = self._events(jobs, stored, seen)
        return EventStream(events, self.take_place(), self._longest + _GRACE)

    async def _events(
        self, jobs: AsyncStore, stored: Stored, seen: Version | None
    ) -> AsyncIterator[bytes]:
        end = time.monotonic() + self._longest
        if stored.version != seen:
            yield _event(stored)
        while not self.is_end(stored) and (left := end - time.monotonic()) > 0:
            seconds = min(self._heartbeat, left)
            try:
                news = await jobs.next(stored.job.id, stored.version, seconds)
            except UnknownJobError:  # it was removed
                return
            except DecodeError as error:
                LOGGER.error("the job %s cannot be read: %s", excerpt(stored.job.id), error)
                return
            stored = news or stored
            yield KEEPALIVE_COMMENT if news is None else _event(stored)


@final
class EventStream(StreamingResponse):
    """A response that has a place as long as it is sent.

    It ends after some seconds even if the client reads nothing.
    """

    media_type = "text/event-stream"

    def __init__(
        self, events: AsyncIterator[bytes], place: AbstractContextManager[None], seconds: float
    ) -> None:
        # Otherwise, nginx would keep the events back.
        headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
        super().__init__(events, headers=headers)
        self._place, self._seconds = place, seconds
        place.__enter__()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events, until they end or the client goes away."""
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._seconds):
                    await super().__call__(scope, receive, send)
        finally:
            self._place.__exit__(None, None, None)


def _event(stored: Stored) -> bytes:
    text = stored.job.to_json()
    return format_sse_event(data_str=text, id=str(stored.version), retry=_RECONNECT_AFTER)
