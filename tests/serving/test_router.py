"""`status_router` answers with the jobs of a store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, HTTPException, Request
from fastapi.testclient import TestClient

from jobstatus import InvalidValueError, JobStatus
from jobstatus.contract import openapi_component
from jobstatus.fastapi import Action, install_error_handlers, status_router
from jobstatus.stores import SqliteStore, Store
from tests.support.databases import execute

ID = "job-42"
OPEN: dict[str, Any] = {"authorize": None, "interval": 0.01}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Return a store with one job that is processing."""
    with SqliteStore(tmp_path / "jobs.sqlite") as opened:
        opened.create(JobStatus.queued(ID))
        opened.apply(ID, lambda job: job.start(progress=40))
        yield opened


def client_of(store: Store, **options: Any) -> TestClient:
    """Return a client of a service with the router."""
    app = FastAPI()
    app.include_router(status_router(store, **(OPEN | options)))
    return TestClient(app)


@pytest.fixture
def client(store: Store) -> TestClient:
    """Return a client of a service that is open to everybody."""
    return client_of(store)


def is_problem(response: Any, status: int, detail: str) -> bool:
    """Return whether a response is a problem details body."""
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert (body["type"], body["status"]) == ("about:blank", status)
    assert detail in body["detail"]
    return bool(response.status_code == status)


def test_a_job_is_written_as_to_json_writes_it(client: TestClient, store: Store) -> None:
    """The response class writes no byte otherwise."""
    response = client.get(f"/jobs/{ID}")
    assert response.status_code == 200
    assert response.text == store.get(ID).to_json()
    assert response.headers["content-type"] == "application/json"


def test_a_job_has_its_version_as_etag(client: TestClient, store: Store) -> None:
    """Caches ask again each time, and none shares it."""
    response = client.get(f"/jobs/{ID}")
    assert response.headers["etag"] == f'"{store.read(ID).version}"'
    assert response.headers["cache-control"] == "private, no-cache"


def test_a_job_that_runs_has_retry_after(client: TestClient, store: Store) -> None:
    """One that has ended does not."""
    assert client.get(f"/jobs/{ID}").headers["retry-after"] == "1"
    store.apply(ID, JobStatus.cancel)
    assert "retry-after" not in client.get(f"/jobs/{ID}").headers


@pytest.mark.parametrize("form", ['"{0}"', 'W/"{0}"', '"other", "{0}"', "*"])
def test_a_client_that_has_the_job_gets_304(client: TestClient, store: Store, form: str) -> None:
    """Its header may have several tags."""
    known = form.format(store.read(ID).version)
    response = client.get(f"/jobs/{ID}", headers={"If-None-Match": known})
    assert (response.status_code, response.content) == (304, b"")
    assert response.headers["etag"] == f'"{store.read(ID).version}"'


def test_a_tag_of_a_removed_job_matches_nothing(client: TestClient, store: Store) -> None:
    """The new job has the same number of changes."""
    old = client.get(f"/jobs/{ID}").headers["etag"]
    store.apply(ID, JobStatus.cancel)
    store.prune(before=datetime.now(UTC) + timedelta(hours=1))
    store.create(JobStatus.queued(ID))
    store.apply(ID, JobStatus.start)
    response = client.get(f"/jobs/{ID}", headers={"If-None-Match": old})
    assert response.status_code == 200
    assert response.headers["etag"].split("-")[0] == old.split("-")[0]


def test_an_unknown_job_is_404(client: TestClient) -> None:
    """As problem details."""
    assert is_problem(client.get("/jobs/other"), 404, "other")
    assert is_problem(client.get("/jobs/other/events"), 404, "other")
    assert is_problem(client.post("/jobs/other/cancel"), 404, "other")


def test_a_job_is_cancelled(client: TestClient, store: Store) -> None:
    """The answer is the job."""
    response = client.post(f"/jobs/{ID}/cancel")
    assert response.status_code == 200
    assert response.text == store.get(ID).to_json()
    assert store.get(ID).status == "cancelled"


def test_cancelling_twice_changes_nothing(client: TestClient) -> None:
    """A client may repeat a request whose answer was lost."""
    first = client.post(f"/jobs/{ID}/cancel").headers["etag"]
    again = client.post(f"/jobs/{ID}/cancel")
    assert (again.status_code, again.headers["etag"]) == (200, first)


def test_cancelling_a_job_that_has_ended_is_409(client: TestClient, store: Store) -> None:
    """The job stays as it is."""
    store.apply(ID, lambda job: job.complete())
    assert is_problem(client.post(f"/jobs/{ID}/cancel"), 409, "cannot go from completed")
    assert store.get(ID).status == "completed"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "null", "Host": ""},
        {"Origin": "http://testserver.evil.example", "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_page_of_another_origin_cannot_cancel(
    client: TestClient, store: Store, headers: dict[str, str]
) -> None:
    """A browser sends the cookies of the user with its request."""
    assert is_problem(client.post(f"/jobs/{ID}/cancel", headers=headers), 403, "Origin")
    assert store.get(ID).status == "processing"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://testserver"},
        {"Origin": "https://TestServer:443"},
        {"Origin": "https://app.example.com", "Sec-Fetch-Site": "same-origin", "Host": "backend"},
        {"Origin": "https://app.example.com", "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_page_of_the_service_may_cancel(store: Store, headers: dict[str, str]) -> None:
    """So may a page of an origin that is named."""
    client = client_of(store, origins=["https://app.example.com"])
    assert client.post(f"/jobs/{ID}/cancel", headers=headers).status_code == 200


def test_the_authorization_gets_the_request_the_id_and_the_action(store: Store) -> None:
    """A stream is read, too."""
    seen: list[tuple[str, str, str]] = []

    def authorize(request: Request, name: str, action: Action) -> bool:
        seen.append((request.headers["x-user"], name, action))
        return True

    client = client_of(store, authorize=authorize)
    client.headers["x-user"] = "ann"
    client.get(f"/jobs/{ID}")
    client.post(f"/jobs/{ID}/cancel")
    client.get(f"/jobs/{ID}/events")
    assert seen == [("ann", ID, "read"), ("ann", ID, "cancel"), ("ann", ID, "read")]


def refuse(request: Request, name: str, action: Action) -> bool:
    """Refuse everything."""
    return False


async def refuse_later(request: Request, name: str, action: Action) -> bool:
    """Refuse everything."""
    return False


def answer_truthy(request: Request, name: str, action: Action) -> Any:
    """Forget to compare the user."""
    return "ann"


def return_a_coroutine(request: Request, name: str, action: Action) -> Any:
    """Call a coroutine function, and forget to await it."""
    return refuse_later(request, name, action)


@pytest.mark.parametrize("authorize", [refuse, refuse_later, answer_truthy, return_a_coroutine])
@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("GET", "/events"), ("POST", "/cancel")])
def test_a_refusal_looks_like_an_unknown_id(
    store: Store, authorize: Any, method: str, path: str
) -> None:
    """Nobody learns which ids there are."""
    client = client_of(store, authorize=authorize)
    refused = client.request(method, f"/jobs/{ID}{path}")
    unknown = client_of(store).request(method, f"/jobs/job-43{path}")
    assert refused.status_code == 404
    assert refused.text.replace(ID, "job-43") == unknown.text
    assert dict(refused.headers) == dict(unknown.headers)
    assert store.get(ID).status == "processing"


def test_an_authorization_may_be_a_coroutine_function(store: Store) -> None:
    """It is awaited."""

    async def authorize(request: Request, name: str, action: Action) -> bool:
        return action == "read"

    client = client_of(store, authorize=authorize)
    assert client.get(f"/jobs/{ID}").status_code == 200
    assert client.post(f"/jobs/{ID}/cancel").status_code == 404


def test_an_authorization_may_answer_itself(store: Store) -> None:
    """With an exception of FastAPI, such as one that asks to log in."""

    def authorize(request: Request, name: str, action: Action) -> bool:
        raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})

    assert client_of(store, authorize=authorize).get(f"/jobs/{ID}").status_code == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/jobs/a%2Fevents"),
        ("GET", "/jobs/a%2fevents"),
        ("GET", "/jobs/a%2Fevents?x=%2F"),
        ("POST", "/jobs/a%2Fcancel"),
        ("GET", "/jobs/a%2Fb"),
        ("GET", "/jobs/a%2F"),
        ("GET", "/jobs/a/"),
        ("GET", "/jobs/a%2Fevents/"),
        ("POST", "/jobs/a%2Fcancel/"),
        ("GET", "/jobs/%2E"),
        ("GET", "/jobs/%2E%2E"),
        ("GET", "/jobs/%2E%2E/events"),
        ("POST", "/jobs/%2e%2e/cancel"),
    ],
)
def test_an_id_is_never_another_path(store: Store, method: str, path: str) -> None:
    """The server has decoded the path before the router sees it."""
    for name in ("a", "..", ".", "a/events", "a/b"):
        store.create(JobStatus.queued(name))
    assert client_of(store).request(method, path).status_code == 404
    assert store.get("a").status == "queued"


@pytest.mark.parametrize("name", ["a b", "a?b#c", "ü", "a.b", "...", "a\\b", "%", "\x7f"])
def test_any_other_id_is_found(store: Store, name: str) -> None:
    """In its encoded form."""
    from urllib.parse import quote

    store.create(JobStatus.queued(name))
    assert client_of(store).get(f"/jobs/{quote(name, safe='')}").json()["id"] == name


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("GET", "/events"), ("POST", "/cancel")])
def test_a_stored_payload_that_is_no_job_is_no_fault_of_the_client(
    store: Store, tmp_path: Path, method: str, path: str
) -> None:
    """The answer does not quote it, although the application answers errors of the library."""
    execute(str(tmp_path / "jobs.sqlite"), """UPDATE jobs SET payload = '{"status": "s3cret"}'""")
    app = FastAPI()
    app.include_router(status_router(store, **OPEN))
    install_error_handlers(app)
    response = TestClient(app).request(method, f"/jobs/{ID}{path}")
    assert is_problem(response, 500, "cannot be read")
    assert "s3cret" not in response.text


def test_a_store_that_fails_is_503(store: Store) -> None:
    """The answer says when to come back, and the log what happened."""
    client = client_of(store)
    store.close()
    response = client.get(f"/jobs/{ID}")
    assert is_problem(response, 503, "the store failed")
    assert response.headers["retry-after"] == "10"


def test_several_lines_of_a_header_count(client: TestClient, store: Store) -> None:
    """As if they were one."""
    known = [("If-None-Match", '"other"'), ("If-None-Match", f'"{store.read(ID).version}"')]
    assert client.get(f"/jobs/{ID}", headers=known).status_code == 304


def test_the_prefix_may_be_another_one(store: Store) -> None:
    """Such as that of a version."""
    client = client_of(store, prefix="/v1/exports")
    assert client.get(f"/v1/exports/{ID}").status_code == 200


def test_the_openapi_document_names_the_job_once(client: TestClient) -> None:
    """Each answer refers to the component."""
    document = client.get("/openapi.json").json()
    assert document["components"]["schemas"]["JobStatus"] == openapi_component()
    assert json.dumps(document).count('"JobStatus":') == 1
    paths = document["paths"]
    assert {path: [*methods] for path, methods in paths.items()} == {
        "/jobs/{id}": ["get"],
        "/jobs/{id}/events": ["get"],
        "/jobs/{id}/cancel": ["post"],
    }
    reference = {"$ref": "#/components/schemas/JobStatus"}
    for operation in (paths["/jobs/{id}"]["get"], paths["/jobs/{id}/cancel"]["post"]):
        assert operation["responses"]["200"]["content"]["application/json"]["schema"] == reference
        assert "application/problem+json" in operation["responses"]["404"]["content"]
    events = paths["/jobs/{id}/events"]["get"]["responses"]
    assert [*events["200"]["content"]] == ["text/event-stream"]
    assert "204" in events


def test_authorize_has_no_default(store: Store) -> None:
    """Who wants an open router says so."""
    router: Any = status_router
    with pytest.raises(TypeError, match="authorize"):
        router(store)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("interval", 0),
        ("heartbeat", -1),
        ("longest", float("nan")),
        ("longest", float("inf")),
        ("max_streams", 0),
        ("max_streams", 1.5),
        ("threads", 0),
        ("origins", "https://app.example.com"),
    ],
)
def test_an_invalid_option_is_rejected(store: Store, name: str, value: Any) -> None:
    """The message names it."""
    with pytest.raises(InvalidValueError, match=name):
        client_of(store, **{name: value})
