"""A service that creates, reads, moves and cancels jobs, with their statuses in SQLite.

To move a job, a client puts its next status. One statement compares it with the state in the
database and stores it. If the lifecycle does not allow the step, the answer is 409.

Run: JOBS_DATABASE=jobs.sqlite python -m uvicorn examples.fastapi_service:app
"""

from __future__ import annotations

import os
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Annotated, Any, TypeAlias

from fastapi import Body, FastAPI, HTTPException, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException as StarletteHTTPException

from examples.sqlite_store import SqliteStore
from jobstatus import STANDARD, Codec, IllegalTransitionError, JobStatus

ID = "^[A-Za-z0-9_-]{1,64}$"
Id = Annotated[str, Path(pattern=ID)]
Job = Annotated[JobStatus, Body()]


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


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
    """Open the database, and close it at the end."""
    app.state.store = SqliteStore(os.environ.get("JOBS_DATABASE", "jobs.sqlite"))
    yield
    app.state.store.close()


# Every endpoint is async, so that the one connection stays in the thread of the event loop.
app = FastAPI(title="Jobs", lifespan=lifespan, default_response_class=JobStatusResponse)


@app.exception_handler(IllegalTransitionError)
async def reject(_: Request, error: Exception) -> Response:
    """Respond to an illegal step with 409."""
    return problem(HTTPException(409, str(error)))


@app.exception_handler(StarletteHTTPException)
async def answer(_: Request, error: Exception) -> Response:
    """Respond to any other error of this service or of the framework."""
    assert isinstance(error, StarletteHTTPException)  # noqa: S101 - for the type checker
    return problem(error)


@app.post("/jobs", status_code=201, responses=UNREADABLE | {409: described("A taken id")})
async def create(job: Job, request: Request, response: Response) -> JobStatus:
    """Create a queued job."""
    if not re.fullmatch(ID, job.id):
        raise invalid("id", f"id: expected {ID}", job.id)
    if job.status is not STANDARD.initial:
        raise invalid("status", f"status: expected {STANDARD.initial}", job.status)
    if not request.app.state.store.add(job):
        raise HTTPException(409, f"there is a job with the id {job.id}")
    response.headers["Location"] = f"/jobs/{job.id}"
    return job


@app.get("/jobs/{id}", responses=MISSING)
async def read(id: Id, request: Request) -> JobStatus:
    """Return the last status of a job."""
    return stored(request, id)


@app.put("/jobs/{id}", responses=UNREADABLE | MISSING | ILLEGAL)
async def step(id: Id, job: Job, request: Request) -> JobStatus:
    """Move a job to its next status; repeating the request changes nothing."""
    if job.id != id:
        raise invalid("id", f"id: expected {id}, as in the path", job.id)
    store: SqliteStore = request.app.state.store
    # Another worker may move the job between the failed save and the read. If that makes the step
    # legal, try again. The loop ends because STANDARD never returns to a state.
    while not store.save(job):
        current = stored(request, id)
        if current == job:
            break
        if not STANDARD.accepts(current.status, job.status):
            raise IllegalTransitionError(current, job.status, STANDARD.targets(current.status))
    return job


@app.post("/jobs/{id}/cancel", responses=MISSING | ILLEGAL)
async def cancel(id: Id, request: Request) -> JobStatus:
    """Cancel a queued or processing job."""
    store: SqliteStore = request.app.state.store
    while not store.save(cancelled := stored(request, id).cancel()):
        pass  # the job moved since it was read; cancel() raises if it has ended
    return cancelled


def stored(request: Request, id: str) -> JobStatus:
    """Return the last status of a job, or respond with 404."""
    store: SqliteStore = request.app.state.store
    try:
        return store.get(id)
    except KeyError:
        raise HTTPException(404, f"there is no job with the id {id}") from None


def invalid(key: str, message: str, value: str) -> RequestValidationError:
    """Return an error, for the response 422, about a valid job that does not fit this request."""
    shown = value if value.isprintable() else ascii(value)
    error = {"type": "value_error", "loc": ("body", key), "msg": message, "input": shown[:80]}
    return RequestValidationError([error])
