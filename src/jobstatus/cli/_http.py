"""Asking a service for a job over HTTP: events if the service sends them, or else polling.

An answer is untrusted. Each part that is kept in memory has a limit, and every request has one for
its time. Only `httpx2` does I/O.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections.abc import AsyncGenerator, Callable, Iterator
from http import HTTPStatus
from typing import Final, cast, final

import httpx2

from jobstatus._status import JobStatus
from jobstatus._untrusted import excerpt, printable
from jobstatus._wire import MAX_DEPTH, _json
from jobstatus.cli._answer import MAX_RETRY_AFTER, Reader, Versions, parse_retry_after
from jobstatus.errors import DecodeError
from jobstatus.follow import Look
from jobstatus.history import merge

MAX_ANSWER: Final = 1 << 18
"""The maximum size of an answer or an event, in bytes. Parsed JSON may take 30 times as much."""
MAX_REDIRECTS: Final = 5
PATIENCE: Final = 60.0
"""Seconds without an answer or an event, after which to ask again."""
_OPENING: Final = 10.0
"""Seconds until events begin. A proxy that collects them never begins, so polling is better."""
_FIRST_EVENT: Final = 5.0
"""Seconds until the first news. A service may send events only for changes."""
_WAIT: Final = 30
"""Seconds that the service may wait for a change before it answers."""
_MAX_DETAIL: Final = 500
_INVALID: Final = "invalid answer"
_MAX_ECHO: Final = 256
"""The maximum length of a version that is sent back."""
# The others that httpx2 knows may need more memory: a window of zstd has up to 128 MiB.
_ENCODINGS: Final = frozenset({"gzip", "deflate"})
# A proxy sends these while the service restarts, or a service that is busy.
_TRANSIENT: Final = frozenset({408, 425, 429, 502, 503, 504})


class RefusedError(Exception):
    """The job cannot be watched; the message is the reason."""


@final
class Source:
    """Looks at a job again and again.

    Args:
        client: Sends the requests. It must not follow redirects by itself.
        url: The URL of the job.
        reader: Reads the job in an answer.
        note: Prints a reason to wait, such as a service that is down.
    """

    def __init__(
        self,
        client: httpx2.AsyncClient,
        url: httpx2.URL,
        reader: Reader,
        note: Callable[[str], None],
    ) -> None:
        self._client, self._url, self._reader, self._note = client, url, reader, note
        path, question, query = url.raw_path.partition(b"?")
        self._events_url = url.copy_with(raw_path=path.rstrip(b"/") + b"/events" + question + query)
        self._has_events = True
        self._stream: httpx2.Response | None = None
        self._events: AsyncGenerator[httpx2.ServerSentEvent] | None = None
        self._is_productive = False
        self._last_event_id = self._etag = ""
        self._reconnect = 0.0
        self._versions = Versions()
        self._job: JobStatus | None = None
        self._version: int | None = None
        self._has_answered = False
        self._trouble = ""

    async def look(self) -> Look:
        """Return the job, or no news.

        Raises:
            RefusedError: If asking again would not help.
        """
        try:
            return await self._look()
        except (httpx2.TransportError, TimeoutError) as error:
            await self.aclose()
            self._refuse_permanent(error)
            self._tell(_reason(error))
            return Look(None)
        except (httpx2.RequestError, httpx2.InvalidURL) as error:
            raise RefusedError(printable(str(error)[:_MAX_DETAIL])) from None
        except DecodeError as error:
            raise RefusedError(f"{_INVALID}: {error}") from None

    async def sleep(self, seconds: float) -> None:
        """Wait for the time of the next look. Events set the pace themselves."""
        await asyncio.sleep(0 if self._events else seconds)

    async def aclose(self) -> None:
        """Close the events, if they are open."""
        stream, events, self._stream, self._events = self._stream, self._events, None, None
        if events is not None:
            await events.aclose()
        if stream is not None:
            await stream.aclose()

    async def _look(self) -> Look:
        if self._has_events and self._events is None:
            try:
                async with asyncio.timeout(_OPENING):
                    await self._open()
            except TimeoutError:
                self._has_events = False
            except httpx2.TransportError:
                pass  # if the service is down, polling fails too
        if self._events is None:
            return await self._poll()
        try:
            async with asyncio.timeout(_FIRST_EVENT if self._job is None else PATIENCE):
                if (look := await self._next(self._events)) is not None:
                    return look
        except httpx2.SSEError:
            raise RefusedError(
                f"{_INVALID}: an event is larger than {MAX_ANSWER:,} bytes"
            ) from None
        except (httpx2.TransportError, TimeoutError):
            self._is_productive = False  # the connection is lost, or a proxy holds events back
        await self.aclose()
        return (
            Look(None, retry_after=self._reconnect) if self._is_productive else await self._poll()
        )

    async def _next(self, events: AsyncGenerator[httpx2.ServerSentEvent]) -> Look | None:
        """Return the job of the next event, or None at the end of the events."""
        async for event in events:
            self._reconnect = min(max(event.retry or 0, 0), MAX_RETRY_AFTER * 1000) / 1000
            if event.event == "message" and event.data:
                self._is_productive = True
                self._last_event_id = event.id
                return self._answer(event.data, event.id, 0.0)
        return None

    async def _open(self) -> None:
        # Uncompressed, because a proxy that compresses may hold events back.
        headers = {"Accept": "text/event-stream", "Accept-Encoding": "identity"}
        if _is_sendable(self._last_event_id):
            headers["Last-Event-ID"] = self._last_event_id
        response = await self._send(self._events_url, headers | {"Cache-Control": "no-store"})
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        is_stream = kind == "text/event-stream" and not _encodings(response)
        if response.status_code == HTTPStatus.OK and is_stream:
            # Events are UTF-8. The header could name another codec, such as one that decompresses.
            response.encoding = "utf-8"
            source = httpx2.EventSource(response, max_event_size=MAX_ANSWER)
            self._stream = response
            self._events = cast("AsyncGenerator[httpx2.ServerSentEvent]", aiter(source))
            self._is_productive = False
            self._has_answered, self._trouble = True, ""
            return
        await response.aclose()
        self._has_events = response.status_code in _TRANSIENT

    async def _poll(self) -> Look:
        headers = {
            "Accept": "application/json, application/problem+json;q=0.9",
            "Accept-Encoding": "gzip, deflate",
        }
        if _is_sendable(self._etag):
            headers |= {"If-None-Match": self._etag, "Prefer": f"wait={_WAIT}"}
        async with asyncio.timeout(PATIENCE):
            response = await self._send(self._url, headers)
            try:
                return await self._read(response)
            finally:
                await response.aclose()

    async def _read(self, response: httpx2.Response) -> Look:
        code = response.status_code
        retry_after = parse_retry_after(response.headers.get("retry-after", ""))
        if code in _TRANSIENT:
            self._tell(_status(code))
            return Look(None, retry_after=retry_after)
        self._has_answered, self._trouble = True, ""
        if code == HTTPStatus.NOT_MODIFIED:
            return Look(None, retry_after=retry_after)
        if not response.is_success:
            raise RefusedError(_status(code) + await _detail(response))
        body = await _body(response)
        self._etag = response.headers.get("etag", "")
        return self._answer(body, self._etag, retry_after)

    def _answer(self, document: bytes | str, version: str, retry_after: float) -> Look:
        job = self._reader.read(document)
        if self._job is not None and job.id != self._job.id:
            expected = excerpt(self._job.id)
            raise RefusedError(f"{_INVALID}: expected the id {expected}, got {excerpt(job.id)}")
        number = self._versions.parse(version)
        if self._job is None:
            self._version = number
        elif self._version is None:
            number = None
        elif number is None:
            # For example, a proxy removed the ETag. Accept a job that is further on.
            is_news = merge(self._job, job) != self._job
            number = self._version + 1 if is_news else self._version
        if number is None or self._version is None or number >= self._version:
            self._job, self._version = job, number
        return Look(job, version=number, retry_after=retry_after)

    async def _send(self, url: httpx2.URL, headers: dict[str, str]) -> httpx2.Response:
        request = self._client.build_request("GET", url, headers=headers)
        for _ in range(MAX_REDIRECTS + 1):
            response = await self._client.send(request, stream=True)
            self._client.cookies.clear()  # otherwise they pile up
            if response.next_request is None:
                return response
            await response.aclose()
            request = response.next_request
            if request.url.origin != self._url.origin:
                to = excerpt(f"{request.url.scheme}://{request.url.netloc.decode()}")
                raise RefusedError(f"redirect to another origin, {to}")
        raise RefusedError(f"more than {MAX_REDIRECTS} redirects")

    def _tell(self, trouble: str) -> None:
        """Tell the user about trouble, once until it ends."""
        if trouble != self._trouble:
            self._note(f"{trouble}, trying again")
        self._trouble = trouble

    def _refuse_permanent(self, error: Exception) -> None:
        """Raise RefusedError for an error that will most likely come again."""
        causes = [*_causes(error)]
        is_first = not self._has_answered
        if (
            isinstance(error, (httpx2.LocalProtocolError, httpx2.ProxyError))
            or any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes)
            or (is_first and any(isinstance(cause, socket.gaierror) for cause in causes))
        ):
            raise RefusedError(_reason(error)) from None


def _encodings(response: httpx2.Response) -> set[str]:
    """Return how a body is compressed."""
    names = response.headers.get("content-encoding", "").lower().split(",")
    return {name.strip() for name in names} - {"", "identity"}


async def _body(response: httpx2.Response) -> bytes:
    if not _encodings(response) <= _ENCODINGS:
        raise RefusedError(f"{_INVALID}: expected it uncompressed, or as gzip or deflate")
    data = bytearray()
    async for chunk in response.aiter_bytes():
        data += chunk
        if len(data) > MAX_ANSWER:
            raise RefusedError(f"{_INVALID}: it is larger than {MAX_ANSWER:,} bytes")
    return bytes(data)


def _is_sendable(version: str) -> bool:
    return 0 < len(version) <= _MAX_ECHO and version.isascii() and version.isprintable()


def _status(code: int) -> str:
    try:
        return f"{code} {HTTPStatus(code).phrase}"
    except ValueError:
        return str(code)


async def _detail(response: httpx2.Response) -> str:
    """Return the text of problem details (RFC 9457), or nothing."""
    try:
        problem = _json.parse(await _body(response), MAX_DEPTH)
    except (RefusedError, DecodeError):
        return ""
    found = cast("dict[str, object]", problem).get("detail") if isinstance(problem, dict) else None
    return f": {printable(found[:_MAX_DETAIL])}" if isinstance(found, str) else ""


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and those that led to it."""
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            error = cast("BaseExceptionGroup[BaseException]", error).exceptions[0]
        else:
            error = error.__cause__ or error.__context__


def _reason(error: Exception) -> str:
    """Return a short text for an error of the connection."""
    for cause in _causes(error):
        if isinstance(cause, (ssl.SSLError, socket.gaierror)) and cause.strerror:
            return printable(cause.strerror[:_MAX_DETAIL])
        if isinstance(cause, OSError) and cause.errno:
            return os.strerror(cause.errno)  # asyncio's own text has the address instead
    if isinstance(error, (httpx2.TimeoutException, TimeoutError)):
        return f"no answer for {PATIENCE:g} seconds"
    return printable(str(error)[:_MAX_DETAIL]) or "connection lost"
