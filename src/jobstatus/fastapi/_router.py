"""The router: read a job, follow it, and cancel it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine
from inspect import isawaitable, iscoroutinefunction
from typing import Annotated, Any, Final, Literal, TypeAlias, cast, final
from weakref import WeakKeyDictionary

from fastapi import APIRouter, Header, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from fastapi.routing import APIRoute

from jobstatus._status import JobStatus
from jobstatus._untrusted import excerpt
from jobstatus._wire import invalid_option
from jobstatus.errors import DecodeError, IllegalTransitionError, StoreError, UnknownJobError
from jobstatus.fastapi._async_store import LOGGER, AsyncStore
from jobstatus.fastapi._problems import described, problem, problem_of
from jobstatus.fastapi._requests import (
    has_encoded_slash,
    is_foreign,
    knows,
    last_version,
    preferred_wait,
)
from jobstatus.fastapi._streams import Streams
from jobstatus.stores import Store, Stored

Action: TypeAlias = Literal["read", "cancel"]
"""What a client wants to do with a job. To follow it is to read it."""
Authorize: TypeAlias = Callable[[Request, str, Action], bool | Awaitable[bool]]
"""A function, or a coroutine function, of the request, the id of a job, and the action."""

_RETRY_AFTER: Final = {"Retry-After": "1"}
_RETRY_WHEN_FULL: Final = {"Retry-After": "10"}

_Header: TypeAlias = Annotated[str | None, Header()]
_LastEventId: TypeAlias = Annotated[str | None, Header(alias="Last-Event-ID")]


_FOUND: Final[dict[int | str, dict[str, Any]]] = {
    200: {"model": JobStatus},
    404: described("No such job"),
}
_FULL: Final = described("Too many clients wait, or the store failed")
_READ: Final = _FOUND | {304: {"description": "The job has this version still"}, 503: _FULL}
_FOLLOW: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The job, at each change",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    },
    204: {"description": "The job has ended, and the client knows it"},
    404: _FOUND[404],
    503: _FULL,
}
_CANCEL: Final = _FOUND | {
    403: described("Sent by a page of another origin"),
    409: described("The job has ended"),
    503: _FULL,
}


def status_router(  # noqa: PLR0913 - one for each option
    store: Store,
    *,
    authorize: Authorize | None,
    prefix: str = "/jobs",
    origins: Collection[str] = (),
    interval: float = 0.5,
    heartbeat: float = 15.0,
    longest: float = 300.0,
    max_streams: int = 10_000,
    threads: int = 4,
) -> APIRouter:
    """Return a router that answers with the jobs of a store.

    - ``GET /jobs/{id}`` is the job, byte for byte as `JobStatus.to_json`, with an ETag. With
      If-None-Match, an unchanged job is 304; with ``Prefer: wait=30``, too (RFC 7240), the answer
      waits for a change.
    - ``GET /jobs/{id}/events`` sends the job at each change as a server-sent event, up to its end.
      Changes that follow each other within the interval are one event.
    - ``POST /jobs/{id}/cancel`` cancels it, or is 409 if it has ended otherwise.

    Errors are problem details (RFC 9457). A client that waits holds no thread and no
    connection to the database: one poller for each process and store asks for all of their jobs.

    Args:
        store: The store.
        authorize: Decides whether a client may read or cancel a job. Anything but True is answered
            as an unknown id is. An ``HTTPException`` that it raises is the answer. A function that
            is not a coroutine function runs in a thread. None lets everybody do everything.
        prefix: The path before the id.
        origins: Other origins whose pages may cancel jobs, such as ``"https://app.example.com"``.
            Pages of any other origin get 403.
        interval: Seconds between two questions to the store, if jobs are watched.
        heartbeat: Seconds after which a stream without events sends a comment, so that no proxy
            closes it.
        longest: Seconds after which a stream or a long poll ends at the latest. The client goes on
            with another request, which is authorized again.
        max_streams: The most streams and long polls of this process. Another one gets 503.
        threads: The most threads that read and change jobs. Each has a connection to the database.

    Raises:
        InvalidValueError: With the code ``invalid_option`` if a number is not more than 0, or not
            finite, or if `origins` is a string.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> from fastapi import FastAPI
        >>> from fastapi.testclient import TestClient
        >>> from jobstatus.stores import SqliteStore
        >>> with TemporaryDirectory() as folder, SqliteStore(f"{folder}/jobs") as store:
        ...     version = store.create(JobStatus.queued("job-42"))
        ...     app = FastAPI()
        ...     app.include_router(status_router(store, authorize=None))
        ...     client = TestClient(app)
        ...     print(client.get("/jobs/job-42").text)
        ...     print(client.post("/jobs/job-42/cancel").text)
        {"id":"job-42","status":"queued"}
        {"id":"job-42","status":"cancelled"}
    """
    numbers = {
        "interval": interval,
        "heartbeat": heartbeat,
        "longest": longest,
        "max_streams": max_streams,
        "threads": threads,
    }
    for name, number in numbers.items():
        if not 0 < number < float("inf"):
            raise invalid_option(name, "a number of more than 0", number)
    for name, count in (("max_streams", max_streams), ("threads", threads)):
        if count != int(count):
            raise invalid_option(name, "an integer", count)
    if isinstance(origins, str):
        raise invalid_option("origins", "a collection of origins", origins)

    streams = Streams(
        max_streams, heartbeat=heartbeat, longest=longest, terminal=store.lifecycle.terminal
    )
    endpoints = _Endpoints(
        lambda: AsyncStore(store, threads=threads, interval=interval),
        streams,
        longest_wait=int(longest),
        authorize=authorize,
        origins=frozenset(origins),
    )
    router = APIRouter(prefix=prefix, tags=["jobs"], route_class=_Route)
    router.add_api_route("/{id}", endpoints.read, responses=_READ)
    router.add_api_route(
        "/{id}/events", endpoints.follow, responses=_FOLLOW, response_class=Response
    )
    router.add_api_route("/{id}/cancel", endpoints.cancel, methods=["POST"], responses=_CANCEL)
    # Otherwise, an id that ends with an encoded slash would be redirected to another job.
    for path in ("/{id}/", "/{id}/events/", "/{id}/cancel/"):
        router.add_api_route(path, _refuse, methods=["GET", "POST"], include_in_schema=False)
    return router


class _Route(APIRoute):
    """Refuses ids that look like another path, and answers errors with problem details."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            name = request.path_params["id"]
            try:
                _check_path(request, name)
                return await handle(request)
            except (IllegalTransitionError, UnknownJobError) as error:
                return problem_of(error)
            except StoreError as error:
                LOGGER.error("the store failed: %s", error)
                return problem(503, "the store failed", _RETRY_WHEN_FULL)
            except DecodeError as error:  # not the client's: somebody else has written the payload
                LOGGER.error("the job %s cannot be read: %s", excerpt(name), error)
                return problem(500, "the stored job cannot be read")

        return answer


@final
class _Endpoints:
    """What the routes do."""

    def __init__(
        self,
        open_store: Callable[[], AsyncStore],
        streams: Streams,
        *,
        longest_wait: int,
        authorize: Authorize | None,
        origins: Collection[str],
    ) -> None:
        self._open_store, self._streams = open_store, streams
        self._longest_wait = longest_wait
        self._authorize, self._origins = authorize, origins
        self._stores: WeakKeyDictionary[object, AsyncStore] = WeakKeyDictionary()

    async def read(
        self,
        request: Request,
        id: str,
        if_none_match: _Header = None,  # noqa: ARG002 - FastAPI gives only the first of several
        prefer: _Header = None,  # noqa: ARG002 - as above
    ) -> Response:
        """Return the job, unless the client has this version already."""
        await self._require(request, id, "read")
        jobs = self._jobs()
        stored = await jobs.read(id)
        if not knows(request.headers.getlist("if-none-match"), stored.version):
            return self._answer(stored)
        seconds = min(preferred_wait(request.headers.getlist("prefer")), self._longest_wait)
        if not seconds or self._streams.is_end(stored):
            return self._answer(stored, is_known=True)
        if self._streams.are_full:
            return _full()
        with self._streams.take_place():
            news = await _unless_gone(request, jobs.next(id, stored.version, seconds))
        response = self._answer(news or stored, is_known=news is None)
        response.headers["Preference-Applied"] = f"wait={seconds}"
        return response

    async def follow(
        self, request: Request, id: str, last_event_id: _LastEventId = None
    ) -> Response:
        """Send the job at each change, after the last event that the client has."""
        await self._require(request, id, "read")
        jobs = self._jobs()
        stored, seen = await jobs.read(id), last_version(last_event_id)
        if stored.version == seen and self._streams.is_end(stored):
            return Response(status_code=204)  # which tells a browser not to come back
        if self._streams.are_full:
            return _full()
        return self._streams.open(jobs, stored, seen)

    async def cancel(self, request: Request, id: str) -> Response:
        """Cancel the job; doing it twice changes nothing."""
        if is_foreign(request, self._origins):
            return problem(403, "Sec-Fetch-Site or Origin: expected a page of this service")
        await self._require(request, id, "cancel")
        return self._answer(await self._jobs().cancel(id))

    async def _require(self, request: Request, id: str, action: Action) -> None:
        if self._authorize is None:
            return
        if iscoroutinefunction(self._authorize):
            allowed: object = await self._authorize(request, id, action)
        else:
            allowed = await run_in_threadpool(self._authorize, request, id, action)
            if isawaitable(allowed):
                allowed = await cast("Awaitable[object]", allowed)
        if allowed is not True:
            raise UnknownJobError(id=id)

    def _jobs(self) -> AsyncStore:
        loop = asyncio.get_running_loop()
        if (jobs := self._stores.get(loop)) is None:
            jobs = self._stores[loop] = self._open_store()
        return jobs

    def _answer(self, stored: Stored, *, is_known: bool = False) -> Response:
        headers = {"ETag": f'"{stored.version}"', "Cache-Control": "private, no-cache"}
        if not self._streams.is_end(stored):
            headers |= _RETRY_AFTER
        if is_known:
            return Response(status_code=304, headers=headers)
        return Response(stored.job.to_json(), headers=headers, media_type="application/json")


def _check_path(request: Request, id: str) -> None:
    if id in {".", ".."} or has_encoded_slash(request):
        raise UnknownJobError(id=id)


async def _refuse(id: str) -> None:
    raise UnknownJobError(id=id)


def _full() -> Response:
    return problem(503, "too many clients wait for jobs here", _RETRY_WHEN_FULL)


async def _unless_gone(request: Request, news: Coroutine[Any, Any, Stored | None]) -> Stored | None:
    """Wait for news, or until the client goes away, which nobody else notices meanwhile."""
    waiting = asyncio.create_task(news)
    gone = asyncio.create_task(_wait_until_gone(request))
    try:
        await asyncio.wait({waiting, gone}, return_when=asyncio.FIRST_COMPLETED)
        return waiting.result() if waiting.done() else None
    finally:
        waiting.cancel()
        gone.cancel()


async def _wait_until_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
