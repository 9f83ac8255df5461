"""The example service keeps the lifecycle, and has no server errors."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import ClassVar

import attrs
import pytest
from fastapi.testclient import TestClient
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test

from examples.fastapi_service import create_app
from jobstatus import Codec, JobState, JobStatus
from jobstatus.contract import openapi_component
from jobstatus.strategies import JobStatusMachine
from tests.support.databases import execute
from tests.support.service import Service, running_service


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Start the service with a new database."""
    with running_service(tmp_path_factory.mktemp("service") / "jobs.sqlite") as running:
        yield running


class ServiceMachine(JobStatusMachine):
    """Plays the clients of the service."""

    ids = st.text("abcXYZ019_-", min_size=1, max_size=20)
    service: ClassVar[Service]
    numbers: ClassVar[Iterator[int]] = count()

    def __init__(self) -> None:
        super().__init__()
        # All runs share one database, so each run needs different ids.
        self.prefix = f"{next(self.numbers)}-"

    def create(self, job: JobStatus) -> bool:
        """POST a job."""
        wanted = attrs.evolve(job, id=self.prefix + job.id)
        answer = self.service.ask("POST", "/jobs", Codec().encode(wanted))
        assert answer.status in {201, 409}
        return answer.status == 201

    def apply(self, before: JobStatus, after: JobStatus) -> bool:
        """PUT the next status, or cancel the job."""
        wanted = attrs.evolve(after, id=self.prefix + after.id)
        path = f"/jobs/{wanted.id}"
        if after.status is JobState.CANCELLED is not before.status and after.error is None:
            answer = self.service.ask("POST", f"{path}/cancel")
        else:
            answer = self.service.ask("PUT", path, Codec().encode(wanted))
        assert answer.status in {200, 409}
        # A job that was cancelled already, with a text, stays as it is.
        return answer.status == 200 and Codec().decode(answer.body).error == after.error

    def read(self, id: str) -> JobStatus:
        """GET a job, and check its bytes."""
        answer = self.service.ask("GET", f"/jobs/{self.prefix}{id}")
        job = JobStatus.from_json(answer.body)
        assert Codec().encode(job) == answer.body
        return attrs.evolve(job, id=id)


def test_the_service_keeps_the_lifecycle(service: Service) -> None:
    """JobStatusMachine tests it over HTTP, with clients that have stale data."""
    machine = type("Machine", (ServiceMachine,), {"service": service})
    run_state_machine_as_test(machine, settings=settings(max_examples=30))


def test_schemathesis_finds_no_fault(service: Service, tmp_path: Path) -> None:
    """It reads the OpenAPI document, and finds no server error and no undocumented response.

    Two checks are excluded. One expects that a client can create any JobStatus, but a new job must
    be queued and its id must fit into a path. The other checks the Allow header. Starlette lists
    the methods of one route there, but two routes have the same path.
    """
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "run", f"{service.url}/openapi.json"),
            "--exclude-path-regex=/events$",  # a stream of a job that waits has no end
            *("--max-examples=40", "--seed=20261124", "--no-color", "--checks=all"),
            "--exclude-checks=positive_data_acceptance,allow_header_conformance",
        ],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Tested: 4\n" in done.stdout
    assert int(re.findall(r"([0-9]+) generated", done.stdout)[0]) > 400


def test_the_openapi_document_uses_the_component_of_the_contract(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bodies and responses refer to it."""
    monkeypatch.setenv("JOBS_DATABASE", str(tmp_path / "jobs.sqlite"))
    with TestClient(create_app()) as client:
        document = client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert document["components"]["schemas"]["JobStatus"] == openapi_component()
    reference = {"$ref": "#/components/schemas/JobStatus"}
    text = json.dumps(document["paths"])
    assert text.count(json.dumps(reference)) == 6


def test_an_unknown_job_is_404(service: Service) -> None:
    """Every method responds with problem details."""
    body = Codec().encode(JobStatus("none", "processing"))
    for method, path in (("GET", ""), ("PUT", ""), ("POST", "/cancel")):
        answer = service.ask(method, f"/jobs/none{path}", body if method == "PUT" else None)
        assert (answer.status, answer.type) == (404, "application/problem+json")
        assert "got 'none'" in json.loads(answer.body)["detail"]


def test_an_illegal_step_is_409_with_the_legal_steps(service: Service) -> None:
    """The stored job does not change."""
    job = JobStatus.queued("illegal")
    assert service.ask("POST", "/jobs", Codec().encode(job)).status == 201
    wanted = JobStatus("illegal", "completed")
    answer = service.ask("PUT", "/jobs/illegal", Codec().encode(wanted))
    assert (answer.status, answer.type) == (409, "application/problem+json")
    assert json.loads(answer.body) == {
        "type": "about:blank",
        "title": "Conflict",
        "status": 409,
        "detail": "status: cannot go from queued to completed (job 'illegal'), "
        "only to processing, failed or cancelled",
    }
    assert service.ask("GET", "/jobs/illegal").body == Codec().encode(job)


def test_a_step_may_be_repeated(service: Service) -> None:
    """A client repeats it if it lost the response, even after the outcome."""
    job = JobStatus.queued("again")
    assert service.ask("POST", "/jobs", Codec().encode(job)).status == 201
    for status in (job.start(), job.start().complete()):
        for _ in range(2):
            answer = service.ask("PUT", "/jobs/again", Codec().encode(status))
            assert (answer.status, answer.body) == (200, Codec().encode(status))


@pytest.mark.parametrize(
    ("job", "place"),
    [
        (JobStatus("a/b", "queued"), "id"),
        (JobStatus("", "queued"), "id"),
        (JobStatus("a\n", "queued"), "id"),
        (JobStatus("\ud800" * 99, "queued"), "id"),
        (JobStatus("a", "processing"), "status"),
    ],
)
def test_a_job_that_cannot_be_created_is_422(service: Service, job: JobStatus, place: str) -> None:
    """Its id does not fit into a path, or it is not queued."""
    answer = service.ask("POST", "/jobs", Codec().encode(job))
    assert answer.status == 422
    assert json.loads(answer.body)["detail"][0]["loc"] == ["body", place]
    assert len(answer.body) < 300


def test_a_version_that_somebody_else_has_changed_is_412(service: Service) -> None:
    """The ETag of each response names the version that it has."""
    job = JobStatus.queued("tagged")
    first = service.ask("POST", "/jobs", Codec().encode(job)).tag
    assert first is not None
    assert service.ask("GET", "/jobs/tagged").tag == first
    body, headers = Codec().encode(job.start()), {"If-Match": first}
    second = service.ask("PUT", "/jobs/tagged", body, headers)
    assert (second.status, second.body) == (200, body)
    assert second.tag is not None
    late = service.ask("PUT", "/jobs/tagged", Codec().encode(job.cancel()), headers)
    assert (late.status, late.type) == (412, "application/problem+json")
    assert service.ask("GET", "/jobs/tagged").tag == second.tag
    other = service.ask("PUT", "/jobs/tagged", body, {"If-Match": '"0"'})
    assert (other.status, other.type) == (412, "application/problem+json")


def test_a_version_that_the_client_has_is_304(service: Service) -> None:
    """A poller then need not read the body."""
    job = JobStatus.queued("polled")
    tag = service.ask("POST", "/jobs", Codec().encode(job)).tag
    assert tag is not None
    for known in (tag, f"W/{tag}", f'"0", {tag}'):
        answer = service.ask("GET", "/jobs/polled", headers={"If-None-Match": known})
        assert (answer.status, answer.body, answer.tag) == (304, b"", tag)
    assert service.ask("POST", "/jobs/polled/cancel").status == 200
    assert service.ask("GET", "/jobs/polled", headers={"If-None-Match": tag}).status == 200


def test_an_error_of_the_database_is_an_error_of_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service does not blame the client."""
    path = str(tmp_path / "jobs.sqlite")
    monkeypatch.setenv("JOBS_DATABASE", path)
    with TestClient(create_app(), raise_server_exceptions=False) as client:
        execute(path, "DROP TABLE jobs")
        assert client.get("/jobs/a").status_code == 503
        assert client.put("/jobs/a", json={"id": "a", "status": "queued"}).status_code == 500


def test_a_body_for_another_job_is_422(service: Service) -> None:
    """The path and the body must have the same id."""
    answer = service.ask("PUT", "/jobs/a", Codec().encode(JobStatus.queued("b")))
    assert answer.status == 422
    assert json.loads(answer.body)["detail"][0]["loc"] == ["body", "id"]
