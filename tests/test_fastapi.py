"""A JobStatus is at home in FastAPI: in bodies, in responses and in the OpenAPI document."""

from __future__ import annotations

import json
from typing import Annotated, Any

import pytest
from fastapi import Body, FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from examples.fastapi_service import JobStatusResponse
from jobstatus import Codec, JobStatus
from jobstatus.contract import openapi_component
from jobstatus.strategies import InvalidPayload, invalid_payloads, job_statuses

REFERENCE = {"$ref": "#/components/schemas/JobStatus"}


class Report(BaseModel):
    """A body that has jobs in it."""

    name: str
    jobs: list[JobStatus]


app = FastAPI()


@app.post("/job")
def take(job: Annotated[JobStatus, Body()]) -> JobStatus:
    """Send a job back."""
    return job


@app.post("/exact", response_class=JobStatusResponse)
def take_exactly(job: Annotated[JobStatus, Body()]) -> JobStatus:
    """Send a job back as V8 writes it."""
    return job


@app.post("/jobs/exact", response_class=JobStatusResponse)
def take_all_exactly(jobs: list[JobStatus]) -> list[JobStatus]:
    """Send jobs back as V8 writes them."""
    return jobs


@app.post("/jobs", response_model=list[JobStatus])
def take_all(jobs: list[JobStatus]) -> Any:
    """Send jobs back, half of them as payloads."""
    return [job if at % 2 else job.to_payload() for at, job in enumerate(jobs)]


@app.post("/report")
def take_report(report: Report) -> Report:
    """Send a model back."""
    return report


CLIENT = TestClient(app)


def post(path: str, body: str) -> tuple[int, bytes]:
    """Send a body, and return the status and the body of the answer."""
    answer = CLIENT.post(path, content=body, headers={"Content-Type": "application/json"})
    return answer.status_code, answer.content


@given(job_statuses())
def test_the_bytes_of_a_response_are_ours(job: JobStatus) -> None:
    """For every job, with a response class of a few lines."""
    assert post("/exact", job.to_json()) == (200, Codec().encode(job))


@given(st.lists(job_statuses(), max_size=3))
def test_the_bytes_of_a_list_are_ours(jobs: list[JobStatus]) -> None:
    """As of one."""
    array = Codec().encode_array(jobs)
    assert post("/jobs/exact", array.decode()) == (200, array)


@given(job_statuses(ids=st.text(), error_texts=st.none() | st.text()))
def test_the_bytes_of_the_frameworks_response_are_ours(job: JobStatus) -> None:
    """Where there is no lone surrogate, and no progress that pydantic writes otherwise."""
    status, body = post("/job", job.to_json())
    assert status == 200
    assert JobStatus.from_json(body) == job
    assert body == Codec().encode(job) or 1e-6 <= (job.progress or 0) < 1e-5


def test_jobs_in_a_list_and_in_a_model() -> None:
    """Read and written as everywhere."""
    jobs = [JobStatus.queued("a"), JobStatus("b", "failed", progress=50, error="x")]
    array = Codec().encode_array(jobs)
    assert post("/jobs", array.decode()) == (200, array)
    report = b'{"name":"all","jobs":%b}' % array
    assert post("/report", report.decode()) == (200, report)


@given(invalid_payloads())
def test_a_bad_body_is_422_with_every_pointer_and_code(invalid: InvalidPayload) -> None:
    """In the detail, with the place in the body."""
    status, body = post("/job", json.dumps(invalid.payload))
    assert status == 422
    detail = json.loads(body)["detail"]
    assert {(error["ctx"]["pointer"], error["type"]) for error in detail} == invalid.problems
    assert all(error["loc"][0] == "body" for error in detail)


@pytest.mark.parametrize("path", ["/job", "/exact"])
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ('{"id":"a","status":"queued","progress":NaN}', "out_of_range"),
        ('{"id":"a","status":"queued","progress":-Infinity}', "out_of_range"),
        ('{"id":"a","status":"queued","progress":1e400}', "out_of_range"),
        ('{"id":"a","status":"\\ud800"}', "unknown_state"),
        ('{"id":["\\ud800",NaN],"status":"queued"}', "wrong_type"),
        ("[]", "wrong_type"),
        ('"\\udfff"', "wrong_type"),
    ],
)
def test_no_bad_body_is_a_server_error(path: str, body: str, code: str) -> None:
    """Not that which the framework's encoder cannot send back either."""
    status, answer = post(path, body)
    assert status == 422
    assert [error["type"] for error in json.loads(answer)["detail"]] == [code]


@pytest.mark.parametrize(("body", "status"), [("{", 422), ("[" * 100_000, 400), ("9" * 5_000, 400)])
def test_what_is_no_json_is_the_frameworks(body: str, status: int) -> None:
    """FastAPI parses the body before it asks for a job."""
    assert post("/job", body)[0] == status


def test_the_document_has_one_component() -> None:
    """To which every body and response refers, and which is the contract's."""
    document = app.openapi()
    assert document["components"]["schemas"]["JobStatus"] == openapi_component()
    assert not [name for name in document["components"]["schemas"] if "JobStatus-" in name]
    job = document["paths"]["/job"]["post"]
    assert job["requestBody"]["content"]["application/json"]["schema"] == REFERENCE
    assert job["responses"]["200"]["content"]["application/json"]["schema"] == REFERENCE
    jobs = document["paths"]["/jobs"]["post"]
    assert jobs["requestBody"]["content"]["application/json"]["schema"]["items"] == REFERENCE
    assert jobs["responses"]["200"]["content"]["application/json"]["schema"]["items"] == REFERENCE
    report = document["components"]["schemas"]["Report"]
    assert report["properties"]["jobs"]["items"] == REFERENCE


def test_a_bare_parameter_is_no_body() -> None:
    """FastAPI takes it for a query parameter, as the documentation warns."""
    bare = FastAPI()

    @bare.post("/job")
    def wrong(job: JobStatus) -> None:
        """Expect a body."""

    (parameter,) = bare.openapi()["paths"]["/job"]["post"]["parameters"]
    assert (parameter["name"], parameter["in"]) == ("job", "query")
    assert TestClient(bare).post("/job", json={"id": "a", "status": "queued"}).status_code == 422
