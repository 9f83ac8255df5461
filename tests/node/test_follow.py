"""`followJobStatus` follows a job over HTTP, as a client of the real service and of odd ones."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from jobstatus import RETRYING, Codec, JobStatus
from jobstatus.contract import typescript
from tests.node.typescript import compile_typescript
from tests.support.service import Service, running_service

SCRIPT = Path(__file__).with_name("follow.mjs")
QUEUED = JobStatus.queued("job-42")
RUNNING = QUEUED.start(progress=40)
DONE = RUNNING.complete()


@pytest.fixture(scope="module")
def module(tsc: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the compiled module."""
    folder = tmp_path_factory.mktemp("follow")
    compile_typescript(tsc, folder, {"JobStatus.ts": typescript()})
    return folder / "JobStatus.js"


@contextmanager
def following(module: Path, url: str, **options: Any) -> Generator[Iterator[Any]]:
    """Follow a job in Node, and yield the lines that it writes."""
    command = ["node", str(SCRIPT), str(module), url, json.dumps(options)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as node:
        assert node.stdout is not None
        try:
            yield map(json.loads, node.stdout)
        finally:
            node.kill()


@contextmanager
def watching(url: str) -> Generator[tuple[subprocess.Popen[str], Iterator[Any]]]:
    """Watch a job with the command, and yield its process and the changes that it prints."""
    command = [sys.executable, "-m", "jobstatus", "watch", "--json", url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as watch:
        assert watch.stdout is not None
        try:
            yield watch, map(json.loads, watch.stdout)
        finally:
            watch.kill()


def follow(module: Path, url: str, **options: Any) -> list[Any]:
    """Follow a job in Node to the end, and return all lines."""
    with following(module, url, **options) as lines:
        return [*lines]


def move(service: Service, *jobs: JobStatus) -> None:
    """Put a job's next statuses."""
    for job in jobs:
        assert service.ask("PUT", f"/jobs/{job.id}", Codec().encode(job)).status == 200


def create(service: Service, job: JobStatus) -> str:
    """Create a job, and return its address."""
    assert service.ask("POST", "/jobs", Codec().encode(job)).status == 201
    return f"{service.url}/jobs/{job.id}"


def test_a_job_is_followed_to_its_end(module: Path, tmp_path: Path) -> None:
    """Each change comes by an event of the real service."""
    with running_service(tmp_path / "jobs.sqlite") as service:
        url = create(service, QUEUED)
        with following(module, url) as lines:
            assert next(lines) == QUEUED.to_payload()
            move(service, RUNNING)
            assert next(lines) == RUNNING.to_payload()
            move(service, DONE)
            assert next(lines) == DONE.to_payload()
            assert next(lines) == {"end": 3}


def test_clients_go_on_after_the_service_starts_again(module: Path, tmp_path: Path) -> None:
    """In TypeScript and in Python. They see nothing twice. Then somebody cancels the job."""
    path = tmp_path / "jobs.sqlite"
    with running_service(path) as service:
        url = create(service, QUEUED)
        port = int(service.url.rpartition(":")[2])
        with following(module, url) as lines, watching(url) as (watch, watched):
            assert next(lines) == next(watched) == QUEUED.to_payload()
            move(service, RUNNING)
            assert next(lines) == next(watched) == RUNNING.to_payload()
            service.stop()
            with running_service(path, port=port) as again:
                assert again.ask("POST", "/jobs/job-42/cancel").status == 200
                assert next(lines) == next(watched) == RUNNING.cancel().to_payload()
                assert next(lines) == {"end": 3}
                assert [*watched] == []
                assert watch.wait() == 4


def test_an_unknown_job_is_an_error(module: Path, tmp_path: Path) -> None:
    """It has the status."""
    with running_service(tmp_path / "jobs.sqlite") as service:
        (line,) = follow(module, f"{service.url}/jobs/other")
    assert (line["error"], line["code"]) == ("HttpError", 404)


def test_a_signal_ends_the_loop(module: Path, tmp_path: Path) -> None:
    """With its reason."""
    with running_service(tmp_path / "jobs.sqlite") as service:
        lines = follow(module, create(service, QUEUED), timeout=500)
    assert [line.get("error") for line in lines] == [None, "TimeoutError"]


def test_a_loop_that_is_left_closes_the_connection(module: Path, tmp_path: Path) -> None:
    """So the process ends, although the job has not."""
    with running_service(tmp_path / "jobs.sqlite") as service:
        assert follow(module, create(service, QUEUED), take=1) == [QUEUED.to_payload(), {"end": 1}]


Reply: TypeAlias = tuple[int, dict[str, str], bytes]
Replies: TypeAlias = Callable[[str, dict[str, str]], Reply]


@contextmanager
def odd_service(reply: Replies) -> Generator[str]:
    """Serve answers that a function makes of the path and the headers, and yield a job's URL."""

    class Handler(BaseHTTPRequestHandler):
        """Answers as the function says."""

        def do_GET(self) -> None:
            """Send the reply."""
            asked = {name.lower(): value for name, value in self.headers.items()}
            status, headers, body = reply(self.path, asked)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Write no log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/jobs/job-42?tenant=7"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def polled(*replies: Reply) -> tuple[Replies, list[dict[str, str]]]:
    """Return the replies of a service without events, and a list of the headers that it gets."""
    rest, asked = [*replies], list[dict[str, str]]()

    def reply(path: str, headers: dict[str, str]) -> Reply:
        assert path.endswith("?tenant=7")
        if path.startswith("/jobs/job-42/events"):
            return 404, {}, b""
        asked.append(headers)
        return rest.pop(0)

    return reply, asked


def ok(job: JobStatus, **headers: str) -> Reply:
    """Return an answer with a job."""
    return 200, headers, job.to_json().encode()


def tag(number: int) -> str:
    """Return an ETag."""
    return f'"{number}-{"a" * 32}"'


def test_a_service_without_events_is_polled(module: Path) -> None:
    """The client sends back the version, and says that it would wait."""
    reply, asked = polled(
        ok(QUEUED, etag=tag(1)), (304, {}, b""), ok(RUNNING, etag=tag(2)), ok(DONE, etag=tag(3))
    )
    with odd_service(reply) as url:
        lines = follow(module, url, headers={"authorization": "Bearer x"})
    assert lines == [QUEUED.to_payload(), RUNNING.to_payload(), DONE.to_payload(), {"end": 3}]
    assert [headers.get("if-none-match") for headers in asked] == [None, tag(1), tag(1), tag(2)]
    assert {headers["prefer"] for headers in asked} == {"wait=30"}
    assert {headers["authorization"] for headers in asked} == {"Bearer x"}


def test_an_older_version_from_a_cache_changes_nothing(module: Path) -> None:
    """The number says which is newer: progress may fall with a new attempt."""
    again = RUNNING.update(progress=10)
    reply, _ = polled(
        ok(RUNNING, etag=tag(2)),
        ok(QUEUED, etag=tag(1)),
        ok(again, etag=tag(3)),
        ok(DONE, etag=tag(4)),
    )
    with odd_service(reply) as url:
        lines = follow(module, url)
    assert lines[:-1] == [RUNNING.to_payload(), again.to_payload(), DONE.to_payload()]


def test_answers_without_versions_never_run_backwards(module: Path) -> None:
    """An earlier state or a lower progress is old."""
    reply, _ = polled(
        ok(RUNNING), ok(QUEUED), ok(RUNNING), ok(RUNNING.update(progress=10)), ok(DONE)
    )
    with odd_service(reply) as url:
        assert follow(module, url)[:-1] == [RUNNING.to_payload(), DONE.to_payload()]


@pytest.mark.parametrize("status", [429, 503])
def test_a_service_that_cannot_answer_now_is_asked_again(module: Path, status: int) -> None:
    """After the time that it wants."""
    reply, _ = polled(ok(RUNNING), (status, {"Retry-After": "1"}, b"busy"), ok(DONE))
    with odd_service(reply) as url:
        assert follow(module, url)[:-1] == [RUNNING.to_payload(), DONE.to_payload()]


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_a_refusal_is_an_error(module: Path, status: int) -> None:
    """Another request would get the same."""
    reply, _ = polled(ok(RUNNING), (status, {}, b""))
    with odd_service(reply) as url:
        lines = follow(module, url)
    assert lines[0] == RUNNING.to_payload()
    assert (lines[1]["error"], lines[1]["code"]) == ("HttpError", status)


def test_an_answer_that_is_no_job_is_an_error(module: Path) -> None:
    """It has the problems."""
    reply, _ = polled((200, {}, b'{"id":7,"status":"late"}'))
    with odd_service(reply) as url:
        (line,) = follow(module, url)
    assert line["error"] == "DecodeError"
    assert "unknown_state" in line["message"]


def test_the_options_of_the_reviver_are_passed_on(module: Path) -> None:
    """For a service that sends its ids as numbers."""
    reply, _ = polled((200, {}, b'{"id":7,"status":"completed","error":null}'))
    with odd_service(reply) as url:
        lines = follow(module, url, ids="number", null="absent")
    assert lines[0] == {"id": "7", "status": "completed"}


def test_a_service_that_is_not_there_is_an_error(module: Path) -> None:
    """At first. Later it is waited for."""
    (line,) = follow(module, "http://127.0.0.1:9/jobs/a")
    assert line["error"] == "TypeError"


STREAM = {"Content-Type": "text/event-stream; charset=utf-8"}


def stream(*bodies: bytes) -> tuple[Replies, list[str | None]]:
    """Return the replies of a service with streams, and a list of the event ids that it gets."""
    rest, asked = [*bodies], list[str | None]()

    def reply(path: str, headers: dict[str, str]) -> Reply:
        assert path == "/jobs/job-42/events?tenant=7"
        asked.append(headers.get("last-event-id"))
        return 200, STREAM, rest.pop(0)

    return reply, asked


def test_a_stream_that_was_cut_goes_on_after_the_last_event(module: Path) -> None:
    """After the time that the service wants."""
    first = f"retry: 10\nid: 2-x\ndata: {RUNNING.to_json()}\n\n"
    reply, asked = stream(first.encode(), f"id: 3-x\ndata: {DONE.to_json()}\n\n".encode())
    with odd_service(reply) as url:
        assert follow(module, url)[:-1] == [RUNNING.to_payload(), DONE.to_payload()]
    assert asked == [None, "2-x"]


def test_a_stream_is_read_as_the_standard_says(module: Path) -> None:
    """With any line end, comments, data on several lines, unknown fields and a byte order mark."""
    text = (
        "\ufeff: hello\r\r"
        'id: 1-x\r\ndata: {"id": "job-42",\r\ndata:  "status": "queued"}\r\n\r\n'
        "id: 1-x\nfoo: bar\n:\n\n"
        f"data:{DONE.to_json()}\nid:2-x\nretry: soon\n\n"
        "data: what comes after the end"
    )
    reply, _ = stream(text.encode())
    with odd_service(reply) as url:
        assert follow(module, url)[:-1] == [QUEUED.to_payload(), DONE.to_payload()]


@pytest.mark.parametrize(
    "noise",
    [
        "data:\n\n",
        "data\nid: 1-x\n\n",
        "event: ping\ndata: 2024\n\n",
        "id: 1-\0\n\n",
        "__proto__: x\n\n",
        "data\n" * 100_000 + "\n",
        "constructor: x\n" * 50_000 + "\n",
    ],
    ids=["empty", "bare", "type", "null", "proto", "lines", "unknown"],
)
def test_events_without_a_job_are_ignored(module: Path, noise: str) -> None:
    """However many lines they have."""
    if noise.startswith("data\n" * 2):
        noise = "event: ping\n" + noise
    text = f"{noise}id: 2-x\ndata: {DONE.to_json()}\r\r"
    reply, _ = stream(text.encode())
    before = time.monotonic()
    with odd_service(reply) as url:
        assert follow(module, url) == [DONE.to_payload(), {"end": 1}]
    assert time.monotonic() - before < 5


def test_the_id_of_an_event_is_that_of_the_next_ones_too(module: Path) -> None:
    """As the standard says. It goes on after it."""
    first = f"retry: 1\nid: 5-x\ndata: {QUEUED.to_json()}\n\ndata: {RUNNING.to_json()}\n\n"
    reply, asked = stream(first.encode(), f"id: 7-x\ndata: {DONE.to_json()}\n\n".encode())
    with odd_service(reply) as url:
        assert follow(module, url)[-2:] == [DONE.to_payload(), {"end": 2}]
    assert asked == [None, "5-x"]


@pytest.mark.parametrize("ids", [["evt_1", "evt_2"], ["", ""], ["1-\u20ac", "2-\u20ac"]])
def test_ids_of_another_kind_are_not_compared(module: Path, ids: list[str]) -> None:
    """The jobs are, as without ids."""
    events = [
        f"retry: 1\nid: {name}\ndata: {job.to_json()}\n\n".encode()
        for name, job in zip(ids, (RUNNING, DONE), strict=True)
    ]
    reply, _ = stream(*events)
    with odd_service(reply) as url:
        assert follow(module, url) == [RUNNING.to_payload(), DONE.to_payload(), {"end": 2}]


def test_an_end_counts_whatever_its_version(module: Path) -> None:
    """For example, after the store was restored from a copy."""
    reply, _ = polled(ok(RUNNING, etag=tag(5)), ok(QUEUED, etag=tag(3)), ok(DONE, etag=tag(4)))
    with odd_service(reply) as url:
        assert follow(module, url) == [RUNNING.to_payload(), DONE.to_payload(), {"end": 2}]


def test_an_older_creation_changes_nothing(module: Path) -> None:
    """Such as that of a replica that is behind."""
    old, new = f'"9-{"a" * 32}"', f'"1-{"b" * 32}"'
    reply, _ = polled(
        ok(RUNNING, etag=old), ok(QUEUED, etag=new), ok(RUNNING, etag=old), ok(DONE, etag=new)
    )
    with odd_service(reply) as url:
        lines = follow(module, url)
    assert lines[:-1] == [RUNNING.to_payload(), QUEUED.to_payload(), DONE.to_payload()]


def test_a_service_without_room_for_a_stream_is_polled(module: Path) -> None:
    """A job that has ended is seen at once."""

    def reply(path: str, _headers: dict[str, str]) -> Reply:
        return (503, {"Retry-After": "10"}, b"") if "/events" in path else ok(DONE)

    with odd_service(reply) as url:
        assert follow(module, url) == [DONE.to_payload(), {"end": 1}]


@pytest.mark.parametrize("pause", ["99999999999", "Thu, 01 Jan 2099 00:00:00 GMT"])
def test_a_long_pause_is_a_pause(module: Path, pause: str) -> None:
    """A timer would not wait at all for so long."""
    asked = 0

    def reply(_path: str, _headers: dict[str, str]) -> Reply:
        nonlocal asked
        asked += 1
        return 503, {"Retry-After": pause}, b""

    with odd_service(reply) as url:
        (line,) = follow(module, url, timeout=1_000)
    assert line["error"] == "TimeoutError"
    assert asked <= 2


def test_an_abort_stops_events_that_have_come_already(module: Path) -> None:
    """The reason is thrown, although the end of the job is there."""
    jobs = [RUNNING.update(progress=n) for n in range(50)]
    events = [f"id: {n}-x\ndata: {job.to_json()}\n\n" for n, job in enumerate([*jobs, DONE], 1)]
    reply, _ = stream("".join(events).encode())
    with odd_service(reply) as url:
        lines = follow(module, url, abort=2)
    assert len(lines) == 3
    assert lines[2]["error"] == "AbortError"


def test_a_stream_of_another_lifecycle_ends_with_204(module: Path) -> None:
    """The service knows that the job has ended."""
    event = f"retry: 1\nid: 2-x\ndata: {RUNNING.to_json()}\n\n".encode()
    ended: Reply = (204, {}, b"")
    replies: Iterator[Reply] = iter([(200, STREAM, event), ended])
    with odd_service(lambda _path, _headers: next(replies)) as url:
        assert follow(module, url) == [RUNNING.to_payload(), {"end": 1}]


@pytest.mark.parametrize(
    "replies",
    [
        stream(b"data: " + b"x" * 3_000_000),
        stream(b"data: x\n" * 400_000),
        polled((200, {}, b'{"id":"' + b"x" * 3_000_000)),
    ],
    ids=["line", "event", "body"],
)
def test_an_endless_answer_is_an_error(module: Path, replies: tuple[Replies, list[object]]) -> None:
    """Memory does not grow with it."""
    with odd_service(replies[0]) as url:
        (line,) = follow(module, url)
    assert line["error"] == "RangeError"


def test_a_module_for_retries_goes_on_after_a_failed_attempt(tsc: Path, tmp_path: Path) -> None:
    """It is generated with the lifecycle of the service."""
    compile_typescript(tsc, tmp_path, {"JobStatus.ts": typescript(lifecycle=RETRYING)})
    failed = RUNNING.fail("no such bucket")
    reply, _ = polled(ok(failed, etag=tag(1)), ok(RUNNING, etag=tag(2)), ok(DONE, etag=tag(3)))
    with odd_service(reply) as url:
        lines = follow(tmp_path / "JobStatus.js", url)
    assert lines[:-1] == [failed.to_payload(), RUNNING.to_payload(), DONE.to_payload()]


@contextmanager
def mute_service() -> Generator[str]:
    """Serve a job that ends with the third request; the first two answers stop without an end."""
    event = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\nid: {}\ndata: {}\n\n"
    answers = [event.format("1-x", QUEUED.to_json()), "", event.format("2-x", DONE.to_json())]
    opened: list[socket.socket] = []

    def serve(listening: socket.socket) -> None:
        for answer in answers:
            connection, _ = listening.accept()
            opened.append(connection)
            connection.recv(65_536)
            connection.sendall(answer.encode())

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=[listening], daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/jobs/job-42"
        thread.join(timeout=10)
        for connection in opened:
            connection.close()


def test_a_connection_that_is_dead_is_opened_again(module: Path, tmp_path: Path) -> None:
    """After a minute of silence, which is half a second here."""
    text = module.read_text(encoding="utf-8")
    impatient = tmp_path / "JobStatus.mjs"
    impatient.write_text(text.replace("SILENCE = 60_000", "SILENCE = 500"), encoding="utf-8")
    with mute_service() as url:
        assert follow(impatient, url)[:-1] == [QUEUED.to_payload(), DONE.to_payload()]


def test_a_service_behind_a_proxy_that_holds_events_back_is_polled(
    module: Path, tmp_path: Path
) -> None:
    """After ten seconds, which are half a second here."""
    text = module.read_text(encoding="utf-8")
    impatient = tmp_path / "JobStatus.mjs"
    impatient.write_text(text.replace("SILENCE = 10_000", "SILENCE = 500"), encoding="utf-8")
    is_over = threading.Event()

    def reply(path: str, _headers: dict[str, str]) -> Reply:
        if "/events" in path:
            is_over.wait(10)
        return ok(DONE)

    with odd_service(reply) as url:
        assert follow(impatient, url) == [DONE.to_payload(), {"end": 1}]
        is_over.set()
