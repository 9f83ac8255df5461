"""Errors as problem details (RFC 9457)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.responses import Response

from jobstatus.errors import (
    DecodeError,
    IllegalTransitionError,
    JobExistsError,
    JobStatusError,
    OvertakenError,
    UnknownJobError,
)

_STATUSES: Final[Mapping[type[JobStatusError], int]] = {
    UnknownJobError: 404,
    IllegalTransitionError: 409,
    JobExistsError: 409,
    OvertakenError: 412,
}


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return problem details."""
    title = HTTPStatus(status).phrase
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return _problem(status, body, headers)


def _problem(status: int, body: object, headers: Mapping[str, str] | None) -> Response:
    # ASCII, because a message may quote a lone surrogate.
    return Response(json.dumps(body), status, headers, "application/problem+json")


def problem_of(error: JobStatusError) -> Response:
    """Return problem details for an error of the client."""
    if isinstance(error, DecodeError):
        details = error.to_problem_details()
        return _problem(details["status"], details, None)
    status = next(status for kind, status in _STATUSES.items() if isinstance(error, kind))
    return problem(status, str(error))


def described(description: str) -> dict[str, Any]:
    """Return what an OpenAPI document says about problem details."""
    members = {name: {"type": "string"} for name in ("type", "title", "detail")}
    schema = {"type": "object", "properties": members | {"status": {"type": "integer"}}}
    return {
        "description": description,
        "content": {"application/problem+json": {"schema": schema}},
    }


def install_error_handlers(app: FastAPI) -> None:
    """Answer the library's errors with problem details (RFC 9457) instead of a server error.

    ``DecodeError`` is 400 for a document that is not JSON, and 422 for JSON that is not a job.
    ``UnknownJobError`` is 404, ``IllegalTransitionError`` and ``JobExistsError`` are 409, and
    ``OvertakenError`` is 412. Catch a ``DecodeError`` yourself if it is not about the request, but
    about the answer of another service.

    Example:
        >>> from fastapi import FastAPI
        >>> from fastapi.testclient import TestClient
        >>> from jobstatus import JobStatus
        >>> app = FastAPI()
        >>> install_error_handlers(app)
        >>> @app.post("/finish")
        ... def finish() -> JobStatus:
        ...     return JobStatus("a", "queued").transition_to("completed")
        >>> response = TestClient(app).post("/finish")
        >>> response.status_code, response.json()["title"]
        (409, 'Conflict')
    """
    kinds: tuple[type[Exception], ...] = (DecodeError, *_STATUSES)
    for kind in kinds:
        app.add_exception_handler(kind, _answer)


def _answer(_: Request, error: Exception) -> Response:
    assert isinstance(error, JobStatusError)  # noqa: S101 - for the type checker
    return problem_of(error)
