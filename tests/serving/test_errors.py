"""`install_error_handlers` answers the errors of the library with problem details."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from jobstatus import (
    InvalidValueError,
    JobExistsError,
    JobState,
    JobStatus,
    JobStatusError,
    OvertakenError,
    StoreError,
    UnknownJobError,
)
from jobstatus.fastapi import install_error_handlers


def answer(action: Any) -> Any:
    """Return the response of a service in which something goes wrong."""
    app = FastAPI()
    install_error_handlers(app)

    @app.get("/")
    def fail() -> None:
        """Raise an error."""
        action()

    return TestClient(app, raise_server_exceptions=False).get("/")


def throw(error: JobStatusError) -> Any:
    """Return a function that raises an error."""

    def action() -> None:
        raise error

    return action


OVERTAKEN = OvertakenError(id="a", expected="1-x", stored="2-x", status=JobState.FAILED)


@pytest.mark.parametrize(
    ("action", "status", "title"),
    [
        (throw(UnknownJobError(id="a")), 404, "Not Found"),
        (lambda: JobStatus("a", "failed").transition_to("queued"), 409, "Conflict"),
        (throw(JobExistsError(id="a")), 409, "Conflict"),
        (throw(OVERTAKEN), 412, "Precondition Failed"),
        (lambda: JobStatus.from_json("{"), 400, "Bad Request"),
        (lambda: JobStatus.from_json("{}"), 422, "Unprocessable Content"),
    ],
)
def test_an_error_of_the_client_is_answered(action: Any, status: int, title: str) -> None:
    """The body is problem details (RFC 9457)."""
    response = answer(action)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert (body["type"], body["title"], body["status"]) == ("about:blank", title, status)
    assert body["detail"]


def test_a_decode_error_has_all_problems() -> None:
    """Each has its pointer and its code."""
    response = answer(lambda: JobStatus.from_json('{"status": "late"}'))
    assert [(item["pointer"], item["code"]) for item in response.json()["errors"]] == [
        ("#/id", "missing"),
        ("#/status", "unknown_state"),
    ]


def test_a_lone_surrogate_is_no_server_error() -> None:
    """A message may quote one."""
    assert answer(throw(UnknownJobError(id="\ud800"))).status_code == 404
    assert answer(lambda: JobStatus.from_payload({"id": 1, "status": "\ud800"})).status_code == 422


@pytest.mark.parametrize(
    "error", [StoreError(message="it is gone"), InvalidValueError("out_of_range", "too much")]
)
def test_any_other_error_stays_a_server_error(error: JobStatusError) -> None:
    """The client cannot help it."""
    assert answer(throw(error)).status_code == 500
