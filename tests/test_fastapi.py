"""FastAPI can use JobStatus in request bodies, responses and the OpenAPI document."""

from __future__ import annotations

import json
from typing import Annotated, Any

import pytest
from fastapi import Body, Depends, FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from jobstatus import Codec, DecodeError, JobStatus
from jobstatus.contract import openapi_component
from jobstatus.fastapi import JobBody, JobStatusResponse
from jobstatus.strategies import InvalidPayload, invalid_payloads, job_statuses

REFERENCE = {"$ref": "#/components/schemas/JobStatus"}


class Report(BaseModel):
    """A body that contains jobs."""

    name: str
    jobs: list[JobStatus]


app = FastAPI()


@app.post("/job")
def echo(job: Annotated[JobStatus, Body()]) -> JobStatus:
    """Return the job."""
    return job


@app.post("/exact", response_class=JobStatusResponse)
def echo_exactly(job: JobBody) -> JobStatus:
    """Return the job, written exactly as V8 writes it."""
    return job


@app.post("/jobs/exact", response_class=JobStatusResponse)
def echo_all_exactly(jobs: list[JobStatus]) -> list[JobStatus]:
    """Return the jobs, written exactly as V8 writes them."""
    return jobs


@app.post("/jobs", response_model=list[JobStatus])
def echo_all(jobs: list[JobStatus]) -> Any:
    """Return the jobs, every other one as a payload."""
    return [job if at % 2 else job.to_payload() for at, job in enumerate(jobs)]


@app.post("/report")
def echo_report(report: Report) -> Report:
    """Return the model."""
    return report


CLIENT = TestClient(app)


def post(path: str, body: str) -> tuple[int, bytes]:
    """Post a body, and return the status and the body of the response."""
    answer = CLIENT.post(path, content=body, headers={"Content-Type": "application/json"})
    return answer.status_code, answer.content


@given(job_statuses())
def test_job_status_response_writes_the_bytes_of_the_codec(job: JobStatus) -> None:
    """Every job, and every byte."""
    assert post("/exact", job.to_json()) == (200, Codec().encode(job))


@given(st.lists(job_statuses(), max_size=3))
def test_job_status_response_writes_lists_as_the_codec_does(jobs: list[JobStatus]) -> None:
    """The response body is the same as that of `encode_array`."""
    array = Codec().encode_array(jobs)
    assert post("/jobs/exact", array.decode()) == (200, array)


@pytest.mark.parametrize(
    "content",
    [
        {"ok": True},
        "up",
        None,
        [],
        [1, 2],
        {"id": "a", "status": "running"},
        {"id": "a", "status": "queued", "progress": None},
        [{"id": "a", "status": "queued"}, {"ok": True}],
        {"id": "a", "status": "queued", "estimatedCompletion": "2024-01-01"},
        {"id": "a", "status": "queued", "estimatedCompletion": "2024-01-01T00:00:00.123456+02:00"},
    ],
)
def test_job_status_response_writes_anything_else_as_json(content: Any) -> None:
    """So it may be the default of an application that has a health route."""
    other = FastAPI(default_response_class=JobStatusResponse)

    @other.get("/health")
    def health() -> Any:
        """Return something."""
        return content

    response = TestClient(other).get("/health")
    assert (response.status_code, response.json()) == (200, content)
    assert response.headers["content-type"] == "application/json"


def test_job_status_response_keeps_other_keys() -> None:
    """Those of a job that was read with `unknown_keys="keep"`."""
    body = b'{"id":"a","status":"queued","tenant":7}'
    assert JobStatusResponse(json.loads(body)).body == body


@given(job_statuses(ids=st.text(), error_texts=st.none() | st.text()))
def test_the_default_response_writes_the_bytes_of_the_codec(job: JobStatus) -> None:
    """Lone surrogates and progress from 1e-6 to 1e-5 are the documented exceptions."""
    status, body = post("/job", job.to_json())
    assert status == 200
    assert JobStatus.from_json(body) == job
    assert body == Codec().encode(job) or 1e-6 <= (job.progress or 0) < 1e-5


def test_jobs_may_be_in_a_list_or_a_model() -> None:
    """They are read and written like a single job."""
    jobs = [JobStatus.queued("a"), JobStatus("b", "failed", progress=50, error="x")]
    array = Codec().encode_array(jobs)
    assert post("/jobs", array.decode()) == (200, array)
    report = b'{"name":"all","jobs":%b}' % array
    assert post("/report", report.decode()) == (200, report)


@given(invalid_payloads())
def test_an_invalid_body_gives_status_422_with_all_problems(invalid: InvalidPayload) -> None:
    """Each error has our pointer and code, and its location starts with the body."""
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
def test_no_invalid_body_causes_a_server_error(path: str, body: str, code: str) -> None:
    """The error must not quote values that the framework's encoder cannot write."""
    status, answer = post(path, body)
    assert status == 422
    assert [error["type"] for error in json.loads(answer)["detail"]] == [code]


@pytest.mark.parametrize(("body", "status"), [("{", 422), ("[" * 100_000, 400), ("9" * 5_000, 400)])
def test_fastapi_itself_rejects_invalid_json(body: str, status: int) -> None:
    """It parses the body before it validates the job."""
    assert post("/job", body)[0] == status


def test_the_openapi_document_has_one_component_for_jobs() -> None:
    """It is our component, and every body and response refers to it."""
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


def test_a_body_may_be_strict() -> None:
    """FastAPI builds the application, and the body is read as without the option."""
    strict = FastAPI()

    @strict.post("/job")
    def echo_strictly(job: Annotated[JobStatus, Body(strict=True)]) -> JobStatus:
        """Return the job."""
        return job

    job = JobStatus.queued("a")
    assert TestClient(strict).post("/job", json=job.to_payload()).content == Codec().encode(job)


def test_an_error_in_a_union_has_no_memory_address() -> None:
    """The location names the class instead."""
    union = FastAPI()

    @union.post("/either")
    def take_either(body: Annotated[JobStatus | Report, Body()]) -> None:
        """Declare a union."""

    response = TestClient(union).post("/either", json={"id": 5, "status": "queued"})
    locations = [error["loc"] for error in response.json()["detail"]]
    assert locations[0] == ["body", "function-wrap[JobStatus()]", "id"]
    assert " at 0x" not in response.text


def test_from_payload_as_a_dependency_reads_the_body() -> None:
    """Its annotations resolve, so FastAPI does not make the payload a query parameter."""
    depending = FastAPI()

    @depending.post("/job")
    def echo_dependency(
        job: Annotated[JobStatus, Depends(JobStatus.from_payload)],
    ) -> JobStatus:
        """Return the job."""
        return job

    operation = depending.openapi()["paths"]["/job"]["post"]
    assert [parameter["name"] for parameter in operation["parameters"]] == ["id"]
    job = JobStatus.queued("a")
    assert TestClient(depending).post("/job", json=job.to_payload()).content == Codec().encode(job)


def test_from_payload_as_a_dependency_takes_the_id_from_the_path() -> None:
    """A body without an id gets that of the path, and another id is a problem."""
    depending = FastAPI()

    @depending.put("/jobs/{id}")  # noqa: FAST003 - the dependency takes the id
    def replace(job: Annotated[JobStatus, Depends(JobStatus.from_payload)]) -> JobStatus:
        """Return the job."""
        return job

    client = TestClient(depending)
    assert client.put("/jobs/42", json={"status": "queued"}).json()["id"] == "42"
    assert client.put("/jobs/42", json={"id": "42", "status": "queued"}).status_code == 200
    with pytest.raises(DecodeError, match="id_mismatch"):
        client.put("/jobs/42", json={"id": "43", "status": "queued"})


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_body_may_have_an_encoding_that_a_codec_rejects(encoding: str) -> None:
    """FastAPI parses the body itself, and our documentation says so."""
    body = JobStatus.queued("a").to_json().encode(encoding)
    headers = {"Content-Type": "application/json"}
    assert CLIENT.post("/job", content=body, headers=headers).status_code == 200
    with pytest.raises(DecodeError):
        Codec().decode(body)


def test_a_parameter_without_body_is_a_query_parameter() -> None:
    """FastAPI decides this, and our documentation warns about it."""
    bare = FastAPI()

    @bare.post("/job")
    def missing_body(job: JobStatus) -> None:
        """Declare a job without `Body()`."""

    (parameter,) = bare.openapi()["paths"]["/job"]["post"]["parameters"]
    assert (parameter["name"], parameter["in"]) == ("job", "query")
    assert TestClient(bare).post("/job", json={"id": "a", "status": "queued"}).status_code == 422
