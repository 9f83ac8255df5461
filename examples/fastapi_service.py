"""A service that creates, reads, moves and cancels jobs, with their statuses in a store.

To move a job, a client puts its next status. If the lifecycle does not allow the step, the answer
is 409. Each response has the version of the job as its ETag. A client that sends it back as
If-Match gets 412 if somebody else was faster, and one that sends it as If-None-Match gets 304 if
nothing has changed.

Run: JOBS_DATABASE=jobs.sqlite python -m uvicorn examples.fastapi_service:app
"""

from __future__ import annotations

import os
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Annotated, Any, TypeAlias

from fastapi import Body, Depends, FastAPI, Header, HTTPException, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException as StarletteHTTPException

from jobstatus import (
    STANDARD,
    Codec,
    IllegalTransitionError,
    InvalidValueError,
    JobExistsError,
    JobStatus,
    JobStatusError,
    OvertakenError,
    UnknownJobError,
)
from jobstatus.stores import SqliteStore, Stored, Version

ID = "^[A-Za-z0-9_-]{1,64}$"
TAG = r'^"[0-9a-f-]{1,60}"$'
Id = Annotated[str, Path(pattern=ID)]
Job = Annotated[JobStatus, Body()]
IfMatch = Annotated[str | None, Header(pattern=TAG)]
IfNoneMatch = Annotated[str | None, Header(max_length=1_000)]


class JobStatusResponse(JSONResponse):
    """Writes a job, or a list of jobs, byte for byte as V8 does."""

    def render(self, content: dict[str, Any] | list[dict[str, Any]]) -> bytes:
        """Return the JSON of a payload, or of a list of payloads."""
        if isinstance(content, list):
            return Codec().encode_array(map(JobStatus.from_payload, content))
        return Codec().encode(JobStatus.from_payload(content))


def problem(error: StarletteHTTPException) -> JSONResponse:
    """Return problem details (RFC 9457) for an error."""
    status, title = error.status_code, HTTPStatus(error.status_code).phrase
    body = {"type": "about:blank", "title": title, "status": status, "detail": error.detail}
    return JSONResponse(body, status, error.headers, "application/problem+json")


def described(description: str) -> dict[str, Any]:
    """Return the OpenAPI description of a response with problem details."""
    members = {name: {"type": "string"} for name in ("type", "title", "detail")}
    schema = {"type": "object", "properties": members | {"status": {"type": "integer"}}}
    return {
        "description": description,
        "content": {"application/problem+json": {"schema": schema}},
    }


Responses: TypeAlias = dict[int | str, dict[str, Any]]
UNREADABLE: Responses = {400: described("A body that Python's json cannot parse")}
MISSING: Responses = {404: described("No such job")}
ILLEGAL: Responses = {409: described("A step that the lifecycle does not have")}
OVERTAKEN: Responses = {412: described("Somebody else was faster")}
UNCHANGED: Responses = {304: {"description": "The job still has this version"}}


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
    """Open the store, and close it at the end."""
    with SqliteStore(os.environ.get("JOBS_DATABASE", "jobs.sqlite")) as app.state.store:
        yield


# A store waits for the disk, so the endpoints are not async: FastAPI runs them in threads.
app = FastAPI(title="Jobs", lifespan=lifespan, default_response_class=JobStatusResponse)


def opened(request: Request) -> SqliteStore:
    """Return the store."""
    store: SqliteStore = request.app.state.store
    return store


Store = Annotated[SqliteStore, Depends(opened)]


@app.exception_handler(JobStatusError)
async def reject(_: Request, error: Exception) -> Response:
    """Respond to an error of the store."""
    statuses: dict[type[Exception], int] = {
        UnknownJobError: 404,
        JobExistsError: 409,
        IllegalTransitionError: 409,
        OvertakenError: 412,
    }
    status = statuses.get(type(error))
    if status is None:
        raise error
    return problem(HTTPException(status, str(error)))


@app.exception_handler(StarletteHTTPException)
async def answer(_: Request, error: Exception) -> Response:
    """Respond to any other error of this service or of the framework."""
    assert isinstance(error, StarletteHTTPException)  # noqa: S101 - for the type checker
    return problem(error)


@app.post("/jobs", status_code=201, responses=UNREADABLE | {409: described("A taken id")})
def create(job: Job, store: Store, response: Response) -> JobStatus:
    """Create a queued job."""
    if not re.fullmatch(ID, job.id):
        raise invalid("id", f"id: expected {ID}", job.id)
    if job.status is not STANDARD.initial:
        raise invalid("status", f"status: expected {STANDARD.initial}", job.status)
    version = store.create(job)
    response.headers["Location"] = f"/jobs/{job.id}"
    return tagged(response, Stored(version, job))


@app.get("/jobs/{id}", responses=MISSING | UNCHANGED, response_model=JobStatus)
def read(
    id: Id, store: Store, response: Response, if_none_match: IfNoneMatch = None
) -> JobStatus | Response:
    """Return the last status of a job, unless the client has it already."""
    stored = store.read(id)
    known = (tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(","))
    if f'"{stored.version}"' in known:
        return Response(status_code=304, headers={"ETag": f'"{stored.version}"'})
    return tagged(response, stored)


@app.put("/jobs/{id}", responses=UNREADABLE | MISSING | ILLEGAL | OVERTAKEN)
def step(id: Id, job: Job, store: Store, response: Response, if_match: IfMatch = None) -> JobStatus:
    """Move a job to its next status; repeating the request changes nothing."""
    if job.id != id:
        raise invalid("id", f"id: expected {id}, as in the path", job.id)
    if if_match is None:
        return tagged(response, store.apply(id, lambda _: job))
    try:
        version = Version.parse(if_match.strip('"'))
    except InvalidValueError:
        raise HTTPException(412, "If-Match: no job has had this version") from None
    return tagged(response, Stored(store.compare_and_set(version, job), job))


@app.post("/jobs/{id}/cancel", responses=MISSING | ILLEGAL)
def cancel(id: Id, store: Store, response: Response) -> JobStatus:
    """Cancel a queued or processing job."""
    return tagged(response, store.apply(id, lambda job: job.cancel()))


def tagged(response: Response, stored: Stored) -> JobStatus:
    """Set the ETag of a response, and return the job."""
    response.headers["ETag"] = f'"{stored.version}"'
    return stored.job


def invalid(key: str, message: str, value: str) -> RequestValidationError:
    """Return an error, for the response 422, about a valid job that does not fit this request."""
    shown = value if value.isprintable() else ascii(value)
    error = {"type": "value_error", "loc": ("body", key), "msg": message, "input": shown[:80]}
    return RequestValidationError([error])
