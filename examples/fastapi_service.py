"""A service that creates, shows, moves and cancels jobs, with their statuses in a store.

`status_router` shows and cancels them, and streams their changes. To move a job, a client puts its
next status. If the lifecycle does not allow the step, the answer is 409. A client that sends the
ETag of a job as If-Match gets 412 if somebody else was faster.

Run: JOBS_DATABASE=jobs.sqlite python -m uvicorn --factory examples.fastapi_service:create_app
"""

from __future__ import annotations

import os
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import FastAPI, Header, HTTPException, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException as StarletteHTTPException

from jobstatus import STANDARD, InvalidValueError, JobStatus
from jobstatus.fastapi import JobBody, JobStatusResponse, install_error_handlers, status_router
from jobstatus.stores import SqliteStore, Stored, Version

ID = "^[A-Za-z0-9_-]{1,64}$"
TAG = r'^"[0-9a-f-]{1,60}"$'
Id = Annotated[str, Path(pattern=ID)]
IfMatch = Annotated[str | None, Header(pattern=TAG)]


def described(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI descriptions of responses with problem details."""
    members = {name: {"type": "string"} for name in ("type", "title", "detail")}
    schema = {"type": "object", "properties": members | {"status": {"type": "integer"}}}
    content = {"application/problem+json": {"schema": schema}}
    return {status: {"description": "Problem details", "content": content} for status in statuses}


def create_app() -> FastAPI:
    """Return the application with a store of its own."""
    store = SqliteStore(os.environ.get("JOBS_DATABASE", "jobs.sqlite"))

    @asynccontextmanager
    async def close_at_end(_: FastAPI) -> AsyncGenerator[None]:
        with store:
            yield

    app = FastAPI(title="Jobs", default_response_class=JobStatusResponse, lifespan=close_at_end)
    app.include_router(status_router(store, authorize=None))
    install_error_handlers(app)
    app.add_exception_handler(StarletteHTTPException, answer)

    # A store waits for the disk, so the endpoints are not async: FastAPI runs them in threads.
    @app.post("/jobs", status_code=201, responses=described(400, 409))
    def create(job: JobBody, response: Response) -> JobStatus:
        """Create a queued job."""
        if not re.fullmatch(ID, job.id):
            raise invalid("id", f"id: expected {ID}", job.id)
        if job.status is not STANDARD.initial:
            raise invalid("status", f"status: expected {STANDARD.initial}", job.status)
        version = store.create(job)
        response.headers["Location"] = f"/jobs/{job.id}"
        return tagged(response, Stored(version, job))

    @app.put("/jobs/{id}", responses=described(400, 404, 409, 412))
    def move(id: Id, job: JobBody, response: Response, if_match: IfMatch = None) -> JobStatus:
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

    return app


async def answer(_: Request, error: Exception) -> Response:
    """Respond to an error of the framework with problem details (RFC 9457)."""
    assert isinstance(error, StarletteHTTPException)  # noqa: S101 - for the type checker
    body = {"type": "about:blank", "status": error.status_code, "detail": error.detail}
    return JSONResponse(body, error.status_code, error.headers, "application/problem+json")


def tagged(response: Response, stored: Stored) -> JobStatus:
    """Set the ETag of a response, and return the job."""
    response.headers["ETag"] = f'"{stored.version}"'
    return stored.job


def invalid(key: str, message: str, value: str) -> RequestValidationError:
    """Return an error, for the response 422, about a valid job that does not fit this request."""
    shown = value if value.isprintable() else ascii(value)
    error = {"type": "value_error", "loc": ("body", key), "msg": message, "input": shown[:80]}
    return RequestValidationError([error])
