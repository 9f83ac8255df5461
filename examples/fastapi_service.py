"""A service of job statuses: create, read, step, cancel; the statuses are in SQLite.

A step is the status that the job is to have next. It is taken if the lifecycle allows it from the
state that the job has in the database, in one statement, and refused with 409 if not.

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
    """Writes a job, or a list of jobs, as V8 does: every job, and every byte."""

    def render(self, content: dict[str, Any] | list[dict[str, Any]]) -> bytes:
        """Return the document of a payload, or of a list of them."""
        if isinstance(content, list):
            return Codec().encode_array(map(JobStatus.from_payload, content))
        return Codec().encode(JobStatus.from_payload(content))


def problem(error: StarletteHTTPException) -> JSONResponse:
    """Return problem details (RFC 9457)."""
    status, title = error.status_code, HTTPStatus(error.status_code).phrase
    body = {"type": "about:blank", "title": title, "status": status, "detail": error.detail}
    return JSONResponse(body, status, error.headers, "application/problem+json")


def described(description: str) -> dict[str, Any]:
    """Return what the OpenAPI document says of a response with problem details."""
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
    """Open the database, and close it."""
    app.state.store = SqliteStore(os.environ.get("JOBS_DATABASE", "jobs.sqlite"))
    yield
    app.state.store.close()


# Every endpoint is async, so that the one connection stays in the thread of the event loop.
app = FastAPI(title="Jobs", lifespan=lifespan, default_response_class=JobStatusResponse)


@app.exception_handler(IllegalTransitionError)
async def refuse(_: Request, error: Exception) -> Response:
    """Answer an illegal step."""
    return problem(HTTPException(409, str(error)))


@app.exception_handler(StarletteHTTPException)
async def answer(_: Request, error: Exception) -> Response:
    """Answer whatever else is refused, by this service or by the framework."""
    assert isinstance(error, StarletteHTTPException)  # noqa: S101 - says what it is registered for
    return problem(error)


@app.post("/jobs", status_code=201, responses=UNREADABLE | {409: described("A taken id")})
async def create(job: Job, request: Request, response: Response) -> JobStatus:
    """Create a job, which is queued."""
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
    """Move a job to its next status; once more is as good as once."""
    if job.id != id:
        raise invalid("id", f"id: expected {id}, as in the path", job.id)
    store: SqliteStore = request.app.state.store
    # Refused by what was there then, and judged by what is there now; there is no way back, so
    # that this ends.
    while not store.save(job):
        current = stored(request, id)
        if current == job:
            break
        if not STANDARD.allows(current.status, job.status):
            raise IllegalTransitionError(current, job.status, STANDARD.targets(current.status))
    return job


@app.post("/jobs/{id}/cancel", responses=MISSING | ILLEGAL)
async def cancel(id: Id, request: Request) -> JobStatus:
    """Cancel a job that is not finished."""
    store: SqliteStore = request.app.state.store
    while not store.save(cancelled := stored(request, id).cancel()):
        pass  # it has moved since it was read; a finished one raises
    return cancelled


def stored(request: Request, id: str) -> JobStatus:
    """Return the last status of a job, or answer that there is none."""
    store: SqliteStore = request.app.state.store
    try:
        return store.get(id)
    except KeyError:
        raise HTTPException(404, f"there is no job with the id {id}") from None


def invalid(key: str, message: str, value: str) -> RequestValidationError:
    """Return the error for a job that is one, and not for this request; 422 as for other bodies."""
    shown = value if value.isprintable() else ascii(value)
    error = {"type": "value_error", "loc": ("body", key), "msg": message, "input": shown[:80]}
    return RequestValidationError([error])
