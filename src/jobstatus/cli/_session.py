"""One run of ``jobstatus watch``: follow the job, show each change, and return the exit code."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Final, final

import attrs
import httpx2

from jobstatus._states import JobState
from jobstatus._untrusted import printable
from jobstatus.cli import _http
from jobstatus.cli._answer import Reader
from jobstatus.cli._http import RefusedError, Source
from jobstatus.cli._output import complain
from jobstatus.cli._screen import Screen, make_screen
from jobstatus.follow import DEFAULT_PACE, afollow

_CODES: Final = {JobState.COMPLETED: 0, JobState.FAILED: 3, JobState.CANCELLED: 4}
_REFUSED: Final = 2
_TIMED_OUT: Final = 124
_SIGNALLED: Final = 128
_CONNECT: Final = 10.0
_PACE: Final = DEFAULT_PACE
_LAST_LOOK: Final = 1.0
"""Seconds before the timeout at which the last look starts. A short timeout leaves a tenth."""


@final
@attrs.frozen
class Session:
    """The arguments of a run.

    Attributes:
        url: The URL of the job.
        reader: Reads the job in an answer.
        headers: Names and values.
        timeout: Seconds for the whole run, or None.
        as_json: Whether to print NDJSON.
    """

    url: str
    reader: Reader
    headers: list[tuple[str, str]]
    timeout: float | None
    as_json: bool

    def run(self) -> int:
        """Watch the job, and return the exit code."""
        return asyncio.run(self._run())

    async def _run(self) -> int:
        screen = make_screen(as_json=self.as_json)
        with _cancelled_by_signals() as caught:
            try:
                with screen:
                    return await self._watch(screen)
            except RefusedError as error:
                complain(str(error))
                return _REFUSED
            except TimeoutError:
                complain(f"no outcome within {self.timeout:g} seconds")
                return _TIMED_OUT
            except asyncio.CancelledError:
                if not caught:
                    raise
                return _SIGNALLED + caught[0]

    async def _watch(self, screen: Screen) -> int:
        url, client = _parse_url(self.url), self._client()
        timeout = self.timeout
        first = None if timeout is None else timeout - min(_LAST_LOOK, timeout / 10)
        reader = self.reader.with_default_id(url.raw_path)
        source = Source(client, url, reader, screen.note)
        code = _REFUSED
        async with client, asyncio.timeout(timeout):
            changes = afollow(source.look, timeout=first, pace=_PACE, sleep=source.sleep)
            try:
                async for job in changes:
                    screen.show(job)
                    code = _CODES.get(job.status, _REFUSED)
            finally:
                await source.aclose()
        return code

    def _client(self) -> httpx2.AsyncClient:
        headers = httpx2.Headers([("User-Agent", "jobstatus"), *self.headers])
        timeout = httpx2.Timeout(_CONNECT, read=_http.PATIENCE)
        try:
            return httpx2.AsyncClient(headers=headers, timeout=timeout)
        except (
            ImportError,
            OSError,
            ValueError,
        ) as error:  # an invalid proxy or file of certificates
            raise RefusedError(printable(f"cannot make an HTTP client: {error}")) from None


def _parse_url(text: str) -> httpx2.URL:
    try:
        url = httpx2.URL(text)
    except httpx2.InvalidURL as error:
        raise RefusedError(printable(f"URL: {error}")) from None
    if url.scheme not in ("http", "https") or not url.host:
        raise RefusedError("URL: expected one that starts with http:// or https://")
    return url


@contextmanager
def _cancelled_by_signals() -> Generator[list[int]]:
    """Let SIGINT and SIGTERM cancel the current task, and yield a list of them.

    So each ends the run in order, and the screen is left as it was. Further signals do not disturb
    that. A signal that is ignored, such as in a background job of a shell, stays ignored.
    """
    loop, task, caught = asyncio.get_running_loop(), asyncio.current_task(), list[int]()
    assert task is not None  # noqa: S101 - a coroutine runs in a task

    def cancel(number: int) -> None:
        caught.append(number)
        task.cancel()

    added: list[signal.Signals] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        # Windows has no such handlers. There, asyncio cancels the task after Ctrl-C. Other threads
        # than the main one may not set any.
        with suppress(NotImplementedError, RuntimeError):
            if signal.getsignal(number) is not signal.SIG_IGN:
                loop.add_signal_handler(number, cancel, number)
                added.append(number)
    try:
        yield caught
    finally:
        for number in added:
            loop.remove_signal_handler(number)
