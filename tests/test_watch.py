"""`jobstatus watch` shows a job on a service until it has ended."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import re
import runpy
import select
import signal
import socket
import ssl
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from importlib.metadata import version as installed
from io import StringIO
from pathlib import Path
from typing import Any

import httpx2
import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from jobstatus import Codec, DecodeError, JobStatus
from jobstatus.cli import _answer, _http, app
from jobstatus.cli._answer import InvalidArgumentError, Reader, Versions, parse_retry_after
from jobstatus.cli._http import RefusedError, Source
from jobstatus.cli._screen import Bar, JsonLines, make_screen
from jobstatus.follow import Look, Pace
from tests.support import picture
from tests.support.job_service import Reply, Service, endless, event, stream, tagged, version

ROOT = Path(__file__).parent.parent
QUEUED = b'{"id":"a","status":"queued"}'
HALF = b'{"id":"a","status":"processing","progress":50}'
MORE = b'{"id":"a","status":"processing","progress":75}'
DONE = b'{"id":"a","status":"completed","progress":100}'
LINES = "a: queued\na: processing, 50%\na: completed, 100%\n"
CONTROLS = "".join(map(chr, [*range(0x20), 0x7F, 0x9B]))
HOSTILE = f"x\x1b]0;owned\x07{CONTROLS}[red]:smile:"
# Run the command with the signals of a terminal, also if the tests run in the background.
MAIN = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from jobstatus.__main__ import main
"""
# The peak of a new process. ru_maxrss also counts the process that started it.
PEAK = """
import atexit, re, sys
def show():
    status = open("/proc/self/status").read()
    print("peak", re.search(r"VmHWM:\\s+(\\d+) kB", status)[1], file=sys.stderr)
atexit.register(show)
"""
Watch = Callable[..., Result]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask again at once, and directly."""
    monkeypatch.setattr("jobstatus.cli._session._PACE", Pace(first=0.001, cap=0.001))
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.fixture
def service() -> Iterator[Service]:
    """Return a server."""
    with Service() as running:
        yield running


@pytest.fixture
def watch_here(service: Service) -> Watch:
    """Return a function that runs `jobstatus watch` in this thread, and so with signals."""

    def run(*arguments: str, url: str = service.url) -> Result:
        return CliRunner().invoke(app, ["watch", url, *arguments])

    return run


@pytest.fixture
def watch(watch_here: Watch) -> Watch:
    """Return a function that runs `jobstatus watch` in another thread.

    CPython 3.11 stops tracing the frames below a coroutine that uses the network, so the coverage
    would lack the rest of the test.
    """

    def run(*arguments: str, **options: str) -> Result:
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(watch_here, *arguments, **options).result()

    return run


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let Ctrl-C interrupt the tests, also in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def child(
    program: str,
    *arguments: str,
    stdin: int | None = None,
    stdout: int | None = None,
    stderr: int | None = None,
    **env: str,
) -> subprocess.Popen[bytes]:
    """Start `jobstatus watch` in a process, in an environment that changes no colours."""
    colours = ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "COLUMNS")
    inherited = {name: value for name, value in os.environ.items() if name not in colours}
    return subprocess.Popen(
        [sys.executable, "-c", f"{program}\nmain()", "watch", *arguments],
        env={**inherited, "TERM": "xterm-256color", **env},
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
    )


class Terminal:
    """The master of a pseudo-terminal, with all that was written to it."""

    def __init__(self, master: int) -> None:
        self._master, self.text = master, b""

    def read_until(self, needle: bytes) -> None:
        """Read until the text has some bytes, or until the other side is closed."""
        while needle not in self.text and self._read():
            pass
        assert needle in self.text

    def read_all(self) -> bytes:
        """Read until the other side is closed, and return everything."""
        while self._read():
            pass
        return self.text

    def _read(self) -> bytes:
        ready, _, _ = select.select([self._master], [], [], 60)
        assert ready
        data = b""
        with suppress(OSError):  # closed
            data = os.read(self._master, 1 << 16)
        self.text += data
        return data


@contextmanager
def on_terminal(
    *arguments: str, program: str = MAIN, **env: str
) -> Generator[tuple[subprocess.Popen[bytes], Terminal]]:
    """Run the command on a pseudo-terminal."""
    master, slave = pty.openpty()
    with child(program, *arguments, stdin=slave, stdout=slave, stderr=slave, **env) as process:
        os.close(slave)
        try:
            yield process, Terminal(master)
        finally:
            process.kill()
            os.close(master)


def with_error(text: str, state: str = "failed") -> bytes:
    """Return a job with an error."""
    return json.dumps({"id": "a", "status": state, "error": text}).encode()


# Outcomes


@pytest.mark.parametrize(
    ("job", "code", "line"),
    [
        (DONE, 0, "a: completed, 100%\n"),
        (with_error("no such bucket"), 3, "a: failed: no such bucket\n"),
        (with_error("by the user", "cancelled"), 4, "a: cancelled: by the user\n"),
    ],
)
def test_the_exit_code_is_the_outcome(
    service: Service, watch: Watch, job: bytes, code: int, line: str
) -> None:
    """0 for completed, 3 for failed, 4 for cancelled."""
    service.polls([Reply(job)])
    done = watch()
    assert (done.exit_code, done.stdout, done.stderr) == (code, line, "")


def test_each_change_is_a_line(service: Service, watch: Watch) -> None:
    """An answer without a change is not."""
    service.polls(map(Reply, [QUEUED, QUEUED, HALF, DONE]))
    assert watch().stdout == LINES


def test_the_estimate_is_in_the_line(service: Service, watch: Watch) -> None:
    """It is the text of the wire format. Progress is rounded down."""
    job = (
        b'{"id":"a","status":"processing","progress":99.9,'
        b'"estimatedCompletion":"2026-12-01T10:00:00Z"}'
    )
    service.polls(map(Reply, [job, DONE]))
    first, _ = watch().stdout.splitlines()
    assert first == "a: processing, 99%, ends 2026-12-01T10:00:00.000Z"


def test_long_texts_are_cut_in_lines(service: Service, watch: Watch) -> None:
    """An id has at most 20 characters, and an error 1000."""
    job = {"id": "i" * 100, "status": "failed", "error": "e" * 2000}
    service.polls([Reply(json.dumps(job).encode())])
    assert watch().stdout == f"{'i' * 19}…: failed: {'e' * 1000}...\n"


def test_json_prints_each_change_as_ndjson(service: Service, watch: Watch) -> None:
    """A line has the JSON that `JSON.stringify` writes."""
    service.polls(map(Reply, [QUEUED, HALF, DONE]))
    assert watch("--json").stdout.encode() == QUEUED + b"\n" + HALF + b"\n" + DONE + b"\n"


def test_kept_members_are_printed_with_json(service: Service, watch: Watch) -> None:
    """Also if the job is inside an answer."""
    service.polls([Reply(b'{"job":{"id":"a","status":"completed","attempt":2}}')])
    done = watch("--json", "--unknown-keys", "keep", "--pointer", "/job")
    assert json.loads(done.stdout) == {"id": "a", "status": "completed", "attempt": 2}


# Events


def test_events_are_read_from_one_request(service: Service, watch: Watch) -> None:
    """The job itself is not asked for."""
    versions = map(version, range(1, 4))
    service.events([stream(*map(event, [QUEUED, HALF, DONE], versions))])
    done = watch()
    assert (done.exit_code, done.stdout, done.stderr) == (0, LINES, "")
    ((path, headers),) = service.requests
    assert path == "/jobs/a/events"
    assert headers["accept"] == "text/event-stream"
    assert headers["accept-encoding"] == "identity"
    assert "last-event-id" not in headers


def test_a_query_stays_at_the_end_of_the_url_of_the_events(service: Service, watch: Watch) -> None:
    """A slash at the end of the path is not doubled."""
    service.routes["/jobs/a/events?key=1"] = [stream(event(DONE))]
    assert watch(url=f"{service.url}/?key=1").exit_code == 0


def test_a_stream_that_ends_early_is_resumed(service: Service, watch: Watch) -> None:
    """The header Last-Event-ID has the last version."""
    service.events(
        [
            stream(event(QUEUED, version(1)), event(HALF, version(2))),
            stream(event(DONE, version(3))),
        ]
    )
    assert watch().stdout == LINES
    first, second = service.seen("/jobs/a/events")
    assert "last-event-id" not in first
    assert second["last-event-id"] == version(2)


@pytest.mark.parametrize("id", ["", "\u00e9", "x" * 300])
def test_an_id_that_cannot_be_sent_is_not(service: Service, watch: Watch, id: str) -> None:
    """It is missing, too long, or not ASCII."""
    data = f"id: {id}\n".encode() + event(QUEUED)
    service.events([stream(data), stream(event(DONE))])
    assert watch().exit_code == 0
    assert all("last-event-id" not in headers for headers in service.seen("/jobs/a/events"))


@pytest.mark.parametrize(
    "reply",
    [
        *(Reply(b"", status=status) for status in (204, 400, 401, 404, 405, 406, 500, 501)),
        Reply(DONE),
        stream(event(HALF), headers={"Content-Encoding": "gzip"}),
    ],
)
def test_a_service_without_events_is_polled(service: Service, watch: Watch, reply: Reply) -> None:
    """It is asked for events only once."""
    service.events([reply])
    service.polls(map(Reply, [QUEUED, HALF, DONE]))
    done = watch()
    assert (done.exit_code, done.stdout, done.stderr) == (0, LINES, "")
    assert len(service.seen("/jobs/a/events")) == 1


def test_a_stream_without_events_leads_to_a_poll(service: Service, watch: Watch) -> None:
    """The service is then asked for events again."""
    service.events([stream(b": hello\n\n"), stream(event(DONE))])
    service.polls([Reply(QUEUED)])
    assert watch().stdout == "a: queued\na: completed, 100%\n"
    assert [path for path, _ in service.requests] == ["/jobs/a/events", "/jobs/a", "/jobs/a/events"]


def test_a_silent_stream_leads_to_a_poll(
    service: Service, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy may hold events back."""
    monkeypatch.setattr(_http, "PATIENCE", 0.2)
    wait = threading.Event()
    service.events([stream(event(QUEUED), wait=wait)])
    service.polls([Reply(DONE)])
    done = watch()
    wait.set()
    assert (done.exit_code, done.stdout, done.stderr) == (0, "a: queued\na: completed, 100%\n", "")


def test_other_events_are_skipped(service: Service, watch: Watch) -> None:
    """Comments are heartbeats. An event without data has only an id."""
    other = b"event: news\n" + event(HALF)
    service.events([stream(b": beat\n\n", other, b"id: 5\n\n", b"retry: 10\n\n", event(DONE))])
    assert watch().stdout == "a: completed, 100%\n"


@pytest.mark.parametrize(("retry", "pause"), [("2000", 2.0), ("-5", 0.0), ("9" * 4000, 300.0)])
def test_a_stream_sets_the_pause_before_the_next_one(retry: str, pause: float) -> None:
    """The pause is from 0 to 300 seconds."""
    data = f"retry: {retry}\n".encode() + event(QUEUED)

    async def look_twice() -> list[Look]:
        async with source_of(lambda _: respond(data)) as source:
            return [await source.look(), await source.look()]

    first, second = asyncio.run(look_twice())
    assert first.job == JobStatus.queued("a")
    assert second == Look(None, retry_after=pause)


def test_an_unavailable_stream_is_asked_for_again(service: Service, watch: Watch) -> None:
    """Until then, the service is polled."""
    service.events([Reply(b"", status=503), stream(event(DONE))])
    service.polls([Reply(QUEUED)])
    done = watch()
    assert (done.stdout, done.stderr) == ("a: queued\na: completed, 100%\n", "")


# Versions


def test_a_version_makes_the_next_request_conditional(service: Service, watch: Watch) -> None:
    """The service may wait for a change, or answer with 304."""
    service.polls([tagged(QUEUED, 1), Reply(status=304), tagged(DONE, 2)])
    assert watch().stdout == "a: queued\na: completed, 100%\n"
    first, *others = service.seen("/jobs/a")
    assert "if-none-match" not in first
    assert "prefer" not in first
    for headers in others:
        assert headers["if-none-match"] == f'"{version(1)}"'
        assert headers["prefer"] == "wait=30"


def test_an_etag_of_another_service_is_sent_back(service: Service, watch: Watch) -> None:
    """It is not a version, so answers are merged."""
    service.polls([Reply(HALF, headers={"ETag": '"x"'}), Reply(QUEUED), Reply(DONE)])
    assert watch().stdout == "a: processing, 50%\na: completed, 100%\n"
    assert service.seen("/jobs/a")[1]["if-none-match"] == '"x"'


def test_an_answer_that_came_late_changes_nothing(service: Service, watch: Watch) -> None:
    """Its version is lower, or it is behind without a version."""
    service.polls([tagged(HALF, 2), tagged(QUEUED, 1), Reply(QUEUED), tagged(DONE, 3)])
    assert watch().stdout == "a: processing, 50%\na: completed, 100%\n"


def test_a_newer_version_may_have_less_progress(service: Service, watch: Watch) -> None:
    """It is a new attempt."""
    service.polls([tagged(MORE, 1), tagged(HALF, 2), tagged(DONE, 3)])
    assert watch().stdout == "a: processing, 75%\na: processing, 50%\na: completed, 100%\n"


def test_an_answer_without_a_version_may_be_further(service: Service, watch: Watch) -> None:
    """A proxy may have removed the version."""
    service.polls([tagged(QUEUED, 1), Reply(HALF), tagged(MORE, 2), Reply(DONE)])
    assert (
        watch().stdout == "a: queued\na: processing, 50%\na: processing, 75%\na: completed, 100%\n"
    )


def test_versions_that_come_later_do_not_count(service: Service, watch: Watch) -> None:
    """Answers without versions came before, so all are merged."""
    service.polls([Reply(HALF), tagged(QUEUED, 9), Reply(DONE)])
    assert watch().stdout == "a: processing, 50%\na: completed, 100%\n"


def test_a_job_that_was_created_again_is_newer() -> None:
    """Each creation has a token. A late version of the first one stays older."""
    versions = Versions()
    first, again, late = (
        versions.parse(text) for text in (version(7), version(1, "f" * 32), version(8))
    )
    assert first is not None
    assert again is not None
    assert late is not None
    assert first < late < again


def test_few_tokens_are_remembered() -> None:
    """A service may send a new one with each answer."""
    versions = Versions()
    numbers = [versions.parse(version(1, f"{token:032x}")) or 0 for token in range(200)]
    assert numbers == sorted(numbers)
    assert len(versions._ranks) == 64  # pyright: ignore[reportPrivateUsage]  # its only effect


@pytest.mark.parametrize(
    ("text", "has_version"),
    [
        (version(1), True),
        (f'"{version(1)}"', True),
        (f'W/"{version(1)}"', True),
        (f'"{version(1)}', False),
        (f"{version(1)}\n", False),
        (f"{'9' * 19}-{'0' * 32}", False),
        ("1-abc", False),
        ("", False),
    ],
)
def test_a_version_is_a_number_and_a_token(text: str, has_version: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    """It may be an ETag, also one that a proxy made weak."""
    assert (Versions().parse(text) is not None) is has_version


# Trouble


@pytest.mark.parametrize("status", [408, 425, 429, 502, 503, 504])
def test_a_service_that_is_busy_is_asked_again(service: Service, watch: Watch, status: int) -> None:
    """A note gives the reason."""
    service.polls([Reply(b"", status=status), Reply(DONE)])
    done = watch()
    assert (done.exit_code, done.stdout) == (0, "a: completed, 100%\n")
    assert re.fullmatch(rf"jobstatus: {status} [\w ]+, trying again\n", done.stderr)


def test_the_same_trouble_is_noted_once(service: Service, watch: Watch) -> None:
    """An answer ends it."""
    down = Reply(b"", status=503)
    service.polls([down, down, Reply(QUEUED), down, Reply(DONE)])
    assert watch().stderr == "jobstatus: 503 Service Unavailable, trying again\n" * 2


def test_a_service_that_starts_later_is_waited_for() -> None:
    """The connection is refused until then."""
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    url = f"http://127.0.0.1:{port}/jobs/a"
    with child(MAIN, url, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stderr
        assert process.stdout
        assert process.stderr.readline() == b"jobstatus: Connection refused, trying again\n"
        with Service(port) as service:
            service.polls([Reply(DONE)])
            assert process.stdout.read() == b"a: completed, 100%\n"
    assert process.returncode == 0


def test_a_connection_that_breaks_is_opened_again(service: Service, watch: Watch) -> None:
    """Here, the service ends an answer early."""
    broken = Reply(lambda write: write(b"{"), headers={"Content-Length": "99"})
    service.polls([broken, Reply(DONE)])
    done = watch()
    assert done.exit_code == 0
    assert done.stderr.endswith(", trying again\n")


def test_an_answer_that_takes_too_long_is_asked_for_again(
    service: Service, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also if a byte comes now and then."""
    monkeypatch.setattr(_http, "PATIENCE", 0.3)
    stop = threading.Event()

    def drip(write: Callable[[bytes], object]) -> None:
        while not stop.wait(0.05):
            write(b" ")

    service.polls([Reply(drip), Reply(DONE)])
    done = watch()
    stop.set()
    assert done.exit_code == 0
    assert done.stderr == "jobstatus: no answer for 0.3 seconds, trying again\n"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        ("999999999", 300.0),
        ("9" * 5000, 0.0),
        ("-1", 0.0),
        ("soon", 0.0),
        ("", 0.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("Wed, 21 Oct 2015 07:28:00 -0000", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 300.0),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str, seconds: float) -> None:
    """The pause is at most 300 seconds. An invalid one does not count."""
    assert parse_retry_after(text) == seconds


def test_retry_after_may_be_a_date() -> None:
    """It is relative to the clock of this machine."""
    soon = datetime.now(UTC) + timedelta(seconds=100)
    assert 90 < parse_retry_after(format_datetime(soon, usegmt=True)) <= 100


@pytest.mark.parametrize(
    "reply",
    [
        Reply(QUEUED, headers={"Retry-After": "7"}),
        Reply(status=304, headers={"Retry-After": "7"}),
        Reply(status=429, headers={"Retry-After": "7"}),
    ],
)
def test_the_service_sets_the_pause(
    service: Service, watch: Watch, monkeypatch: pytest.MonkeyPatch, reply: Reply
) -> None:
    """With each answer, also without a job."""
    pauses: list[float] = []

    async def sleep(_: Source, seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(Source, "sleep", sleep)
    service.polls([reply, Reply(DONE)])
    assert watch().exit_code == 0
    assert pauses == [7.0]


# Timeout


def test_events_that_do_not_begin_lead_to_polls(
    service: Service, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy may collect the whole answer first."""
    monkeypatch.setattr(_http, "_OPENING", 0.1)
    stop = threading.Event()
    service.events([Reply(after=stop)])
    service.polls(map(Reply, [QUEUED, DONE]))
    done = watch()
    stop.set()
    assert (done.stdout, done.stderr) == ("a: queued\na: completed, 100%\n", "")
    assert len(service.seen("/jobs/a/events")) == 1


def test_a_connection_that_breaks_leads_to_a_poll(service: Service, watch: Watch) -> None:
    """The service is up, so nothing is printed."""
    length = {"Content-Length": "999"}
    service.events([stream(headers=length), stream(event(QUEUED), headers=length), Reply(DONE)])
    service.polls([Reply(QUEUED), Reply(HALF), Reply(DONE)])
    done = watch()
    assert (done.exit_code, done.stdout, done.stderr) == (0, LINES, "")


def test_a_connection_that_ends_before_the_events_leads_to_a_poll(
    service: Service, watch: Watch
) -> None:
    """The service is then asked for events again."""
    service.events([Reply(status=0), stream(event(DONE))])
    service.polls([Reply(QUEUED)])
    done = watch()
    assert (done.exit_code, done.stdout) == (0, "a: queued\na: completed, 100%\n")
    assert len(service.seen("/jobs/a/events")) == 2


def test_events_may_be_only_for_changes(
    service: Service, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first state is then asked for. The stream is opened again for the changes."""
    monkeypatch.setattr(_http, "_FIRST_EVENT", 0.1)
    stop = threading.Event()
    service.events([stream(b": beat\n\n", wait=stop), stream(event(DONE))])
    service.polls([Reply(QUEUED)])
    done = watch()
    stop.set()
    assert (done.stdout, done.stderr) == ("a: queued\na: completed, 100%\n", "")


def test_events_are_utf_8(service: Service, watch: Watch) -> None:
    """The header may name another encoding, or even a compression."""
    kind = {"Content-Type": "text/event-stream; charset=zlib"}
    job = '{"id":"\u6f22","status":"completed"}'.encode()
    service.events([stream(event(job), headers=kind)])
    assert watch().stdout == "\u6f22: completed\n"


@pytest.mark.parametrize("path", ["/jobs/a", "/jobs/a/events"])
def test_a_timeout_ends_a_request(service: Service, watch: Watch, path: str) -> None:
    """The exit code is 124."""
    stop = threading.Event()
    service.routes[path] = [Reply(after=stop)]
    done = watch("--timeout", "0.3")
    stop.set()
    assert done.exit_code == 124
    assert done.stderr == "jobstatus: no outcome within 0.3 seconds\n"


def test_a_timeout_ends_events(service: Service, watch: Watch) -> None:
    """The last change was printed."""
    stop = threading.Event()
    service.events([stream(event(QUEUED), wait=stop)])
    done = watch("--timeout", "0.5")
    stop.set()
    assert (done.exit_code, done.stdout) == (124, "a: queued\n")


def test_a_timeout_ends_trouble(service: Service, watch: Watch) -> None:
    """The service is down all the time."""
    service.polls([Reply(status=503)])
    assert watch("--timeout", "0.3").exit_code == 124


def test_the_last_look_is_before_the_timeout(
    service: Service, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long pause ends early for it."""
    monkeypatch.setattr("jobstatus.cli._session._PACE", Pace(first=100, cap=100))
    service.polls([Reply(QUEUED), Reply(DONE)])
    assert watch("--timeout", "1").exit_code == 0


@pytest.mark.parametrize("timeout", ["0", "-1", "nan", "inf"])
def test_a_timeout_is_a_number_of_seconds(watch: Watch, timeout: str) -> None:
    """It is more than 0."""
    done = watch("--timeout", timeout)
    assert done.exit_code == 2
    assert "expected a number of seconds" in done.stderr


# Headers and redirects


def test_headers_are_sent_with_each_request(service: Service, watch: Watch, tmp_path: Path) -> None:
    """They are arguments, or lines of a file, where blank lines do not count."""
    path = tmp_path / "headers"
    path.write_text("Authorization: Bearer s3cret\n\n X-Two:2 \r\n")
    service.polls([Reply(DONE)])
    assert watch("--header", "X-One: 1", "--header", f"@{path}").exit_code == 0
    assert len(service.requests) == 2
    for _, headers in service.requests:
        assert headers["x-one"] == "1"
        assert headers["x-two"] == "2"
        assert headers["authorization"] == "Bearer s3cret"
        assert headers["user-agent"] == "jobstatus"


@pytest.mark.parametrize(
    "header", ["s3cret", "s3cret token: x", ": s3cret", "X: s3cret\u00e9", "X: s3cret\ny: z", ""]
)
def test_an_invalid_header_is_not_quoted(watch: Watch, header: str) -> None:
    """It may be a secret."""
    done = watch("--header", header)
    assert done.exit_code == 2
    assert "expected NAME:VALUE in ASCII, or @FILE" in done.stderr
    assert "s3cret" not in done.stderr


def test_an_invalid_header_in_a_file_has_a_line(tmp_path: Path) -> None:
    """The line is not quoted."""
    path = tmp_path / "headers"
    path.write_text("A: b\ns3cret\n")
    with pytest.raises(InvalidArgumentError) as failed:
        _answer.parse_headers([f"@{path}"])
    assert str(failed.value) == "expected NAME:VALUE in ASCII, or @FILE on line 2 of the file"


def test_a_file_of_headers_must_be_readable(watch: Watch, tmp_path: Path) -> None:
    """The message has the name and the reason."""
    missing = tmp_path / "x"
    with pytest.raises(InvalidArgumentError, match=r"x': No such file or directory$"):
        _answer.parse_headers([f"@{missing}"])
    with pytest.raises(InvalidArgumentError, match="null"):
        _answer.parse_headers(["@\0"])
    assert watch("--header", f"@{missing}").exit_code == 2


def test_a_file_of_headers_has_a_limit() -> None:
    """/dev/zero never ends."""
    with pytest.raises(InvalidArgumentError, match="expected at most 65,536 bytes"):
        _answer.parse_headers(["@/dev/zero"])


def test_a_header_that_http_forbids_is_an_error(watch: Watch) -> None:
    """Trying again would not help."""
    done = watch("--header", "Host: a b", "--header", "Transfer-Encoding: x")
    assert done.exit_code == 2
    assert done.stderr.startswith("jobstatus: ")
    assert done.stderr.count("\n") == 1


def test_a_redirect_within_the_origin_is_followed(service: Service, watch: Watch) -> None:
    """It has the headers."""
    for path in ("/jobs/a", "/jobs/a/events"):
        service.routes[path] = [Reply(status=307, headers={"Location": f"/new{path}"})]
    service.routes["/new/jobs/a"] = [Reply(DONE)]
    assert watch("--header", "X-One: 1").exit_code == 0
    assert [headers["x-one"] for _, headers in service.requests] == ["1"] * 4


@pytest.mark.parametrize("path", ["/jobs/a", "/jobs/a/events"])
def test_a_redirect_to_another_origin_is_refused(service: Service, watch: Watch, path: str) -> None:
    """No request reaches it, so no header does."""
    with Service() as other:
        service.routes[path] = [Reply(status=302, headers={"Location": other.url})]
        done = watch("--header", "Authorization: s3cret")
        assert done.exit_code == 2
        assert done.stderr == f"jobstatus: redirect to another origin, '{other.origin}'\n"
        assert other.requests == []


def test_redirects_have_a_limit(service: Service, watch: Watch) -> None:
    """There may be five."""
    service.polls([Reply(status=302, headers={"Location": "/jobs/a"})])
    done = watch()
    assert (done.exit_code, done.stderr) == (2, "jobstatus: more than 5 redirects\n")
    assert len(service.seen("/jobs/a")) == 6


def test_a_redirect_to_nowhere_is_an_answer(service: Service, watch: Watch) -> None:
    """Its URL is invalid."""
    service.polls([Reply(status=302, headers={"Location": "http://a:b/"})])
    done = watch()
    assert (done.exit_code, done.stderr) == (2, "jobstatus: 302 Found\n")


# Where the job is


@pytest.mark.parametrize(
    ("pointer", "answer"),
    [
        ("/data/job", b'{"data":{"job":%s}}'),
        ("/0", b"[%s]"),
        ("/a~1b/~0", b'{"a/b":{"~":%s}}'),
        ("/", b'{"":%s}'),
        ("", b"%s"),
    ],
)
def test_a_pointer_leads_to_the_job(
    service: Service, watch: Watch, pointer: str, answer: bytes
) -> None:
    """It is a JSON Pointer."""
    service.polls([Reply(answer % DONE)])
    assert watch("--pointer", pointer).exit_code == 0


@pytest.mark.parametrize(
    "answer", [b'{"data":null}', b"[]", b'{"data":{"job":5}}', b'"data"', b"{"]
)
def test_a_pointer_to_no_job_is_an_error(service: Service, watch: Watch, answer: bytes) -> None:
    """The exit code is 2."""
    service.polls([Reply(answer)])
    done = watch("--pointer", "/data/job")
    assert done.exit_code == 2
    assert done.stderr.startswith("jobstatus: invalid answer: ")


@pytest.mark.parametrize("token", ["1", "-", "01", "\u0660", "9" * 5000])
def test_an_index_outside_an_array_is_an_error(token: str) -> None:
    """The message has the pointer, cut."""
    with pytest.raises(DecodeError, match="expected a value at '/"):
        Reader(Codec(), f"/{token}").read(b"[1]")


@pytest.mark.parametrize("pointer", ["data", "/a~2", "/~"])
def test_a_pointer_must_be_valid(watch: Watch, pointer: str) -> None:
    """The exit code is 2."""
    done = watch("--pointer", pointer)
    assert done.exit_code == 2
    assert "expected a JSON Pointer" in done.stderr


@pytest.mark.parametrize(("path", "id"), [("/jobs/a", "a"), ("/jobs/a%2Fb/?x=/y", "a/b")])
def test_a_job_without_an_id_has_that_of_the_url(
    service: Service, watch: Watch, path: str, id: str
) -> None:
    """It is the last segment of the path."""
    service.routes[path] = [Reply(b'{"status":"completed"}')]
    done = watch(url=service.origin + path)
    assert done.stdout == f"{id}: completed\n"


def test_a_job_without_an_id_needs_one(service: Service, watch: Watch) -> None:
    """The URL has no path."""
    service.routes["/"] = [Reply(b'{"status":"completed"}')]
    done = watch(url=service.origin)
    assert done.exit_code == 2
    assert "id: required key is missing" in done.stderr
    assert watch("--id", "b", url=service.origin).stdout == "b: completed\n"


def test_a_job_may_have_another_id_than_the_url(service: Service, watch: Watch) -> None:
    """The last segment is only a default."""
    service.routes["/jobs/a/status"] = [Reply(DONE)]
    assert watch(url=f"{service.url}/status").exit_code == 0


def test_a_given_id_must_match(service: Service, watch: Watch) -> None:
    """Otherwise, the answer is about another job."""
    service.polls([Reply(DONE)])
    done = watch("--id", "b")
    assert done.exit_code == 2
    assert "expected the given id 'b', got 'a' [id_mismatch]" in done.stderr


def test_the_job_stays_the_same(service: Service, watch: Watch) -> None:
    """A later answer is not about another one."""
    service.polls(map(Reply, [QUEUED, b'{"id":"b","status":"completed"}']))
    done = watch()
    assert (done.exit_code, done.stdout) == (2, "a: queued\n")
    assert done.stderr == "jobstatus: invalid answer: expected the id 'a', got 'b'\n"


def test_the_options_of_a_codec_are_options_of_the_command(service: Service, watch: Watch) -> None:
    """Without them, the answer is invalid."""
    service.polls([Reply(b'{"id":5,"status":"done","progress":"100","error":null}')])
    done = watch()
    assert done.exit_code == 2
    assert "id: expected a string, got 5 [wrong_type]" in done.stderr
    assert watch("--tolerant", "--state", "done=completed").stdout == "5: completed, 100%\n"


# What cannot be watched


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b'{"type":"about:blank","detail":"no job a"}', ": no job a"),
        (b'{"detail":5}', ""),
        (b"[]", ""),
        (b"<html>", ""),
        (b"[" * 100_000, ""),
        (b"\xff", ""),
    ],
)
def test_a_refusal_has_its_status_and_detail(
    service: Service, watch: Watch, body: bytes, detail: str
) -> None:
    """The detail is that of RFC 9457."""
    service.polls([Reply(body, status=404)])
    done = watch()
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == f"jobstatus: 404 Not Found{detail}\n"


def test_an_unknown_status_is_a_number(service: Service, watch: Watch) -> None:
    """It has no name."""
    service.polls([Reply(b"", status=499)])
    assert watch().stderr == "jobstatus: 499\n"


@pytest.mark.parametrize("has_events", [True, False])
def test_an_invalid_answer_has_its_problems(
    service: Service,
    watch: Watch,
    has_events: bool,  # noqa: FBT001 - a parameter of pytest
) -> None:
    """The exit code is 2."""
    service.polls([Reply(b"<html>")])
    if has_events:
        service.events([stream(event(b"<html>"))])
    done = watch()
    assert done.exit_code == 2
    assert done.stderr.startswith("jobstatus: invalid answer: payload: invalid JSON at character 0")


@pytest.mark.parametrize(
    "url", ["ftp://x/jobs/a", "jobs/a", "http://", "", "http://a:b/", "http://\x1b/"]
)
def test_a_url_must_be_one_of_http(watch: Watch, url: str) -> None:
    """The exit code is 2, and the message has no control character."""
    done = watch(url=url)
    assert done.exit_code == 2
    assert done.stderr.startswith("jobstatus: URL: ")
    assert done.stderr[:-1].isprintable()


def test_an_invalid_environment_is_an_error(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    """Here, the proxy has an unknown scheme."""
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.setenv("http_proxy", "gopher://x")
    done = watch()
    assert done.exit_code == 2
    assert done.stderr.startswith("jobstatus: cannot make an HTTP client: ")


def respond(data: bytes) -> httpx2.Response:
    """Return a stream of events."""
    return httpx2.Response(200, headers={"Content-Type": "text/event-stream"}, content=data)


class source_of:  # noqa: N801 - used as a function
    """A source without a network. Use it as an asynchronous context manager."""

    def __init__(self, answer: Callable[[httpx2.Request], httpx2.Response]) -> None:
        self._client = httpx2.AsyncClient(transport=httpx2.MockTransport(answer))
        self.notes: list[str] = []

    async def __aenter__(self) -> Source:
        url = httpx2.URL("http://x/jobs/a")
        self._source = Source(self._client, url, Reader(Codec()), self.notes.append)
        return self._source

    async def __aexit__(self, *_: object) -> None:
        await self._source.aclose()
        await self._client.aclose()


def connection_error(cause: Exception) -> httpx2.ConnectError:
    """Return the error of a connection, as httpx2 raises it."""
    error = httpx2.ConnectError("All connection attempts failed")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (connection_error(socket.gaierror(-2, "Name not known")), "Name not known"),
        (connection_error(ssl.SSLCertVerificationError(1, "bad certificate")), "bad certificate"),
        (httpx2.ProxyError("407 Proxy Authentication Required"), "407 Proxy"),
        (httpx2.LocalProtocolError("bad header"), "bad header"),
        (httpx2.DecodingError("bad gzip"), "bad gzip"),
        (httpx2.InvalidURL("bad URL"), "bad URL"),
    ],
)
def test_trouble_that_will_stay_is_an_error(error: Exception, message: str) -> None:
    """Trying again would not help."""

    def fail(_: httpx2.Request) -> httpx2.Response:
        raise error

    async def look() -> None:
        async with source_of(fail) as source:
            await source.look()

    with pytest.raises(RefusedError, match=message):
        asyncio.run(look())


@pytest.mark.parametrize(
    ("error", "note"),
    [
        (connection_error(socket.gaierror(-2, "Name not known")), "Name not known"),
        (
            connection_error(ExceptionGroup("", [OSError("x"), OSError(111, "refused")])),
            "All connection attempts failed",
        ),
        (
            connection_error(ExceptionGroup("", [OSError(111, "refused"), OSError("x")])),
            "Connection refused",
        ),
        (httpx2.ReadError(""), "connection lost"),
        (httpx2.ReadTimeout(""), "no answer for 60 seconds"),
        (httpx2.ReadError("a\x1bb"), r"a\x1bb"),
    ],
)
def test_trouble_after_an_answer_leads_to_a_note(error: Exception, note: str) -> None:
    """A name may be unknown for a while, for example without a network."""
    answers = iter([httpx2.Response(404), httpx2.Response(200, content=QUEUED)])

    def answer(_: httpx2.Request) -> httpx2.Response:
        if (found := next(answers, None)) is None:
            raise error
        return found

    async def look() -> list[str]:
        context = source_of(answer)
        async with context as source:
            await source.look()
            assert await source.look() == Look(None)
        return context.notes

    assert asyncio.run(look()) == [f"{note}, trying again"]


# Limits


def gzipped(chunk: bytes) -> Reply:
    """Return an endless answer that is compressed."""

    def write_on(write: Callable[[bytes], object]) -> None:
        packer = zlib.compressobj(wbits=31)
        while True:
            write(packer.compress(chunk))

    return Reply(write_on, headers={"Content-Encoding": "gzip"})


EVENTS = {"Content-Type": "text/event-stream"}
LARGE_JSON = b"[" + b'{"a":1},' * ((1 << 18) // 8 - 1) + b"1]"
LIMITS = [
    pytest.param("/jobs/a", Reply(endless(b" " * 65536)), id="endless"),
    pytest.param("/jobs/a", gzipped(b" " * (1 << 22)), id="compressed"),
    pytest.param("/jobs/a", Reply(endless(b" " * 65536), status=404), id="refusal"),
    pytest.param("/jobs/a", Reply(LARGE_JSON), id="json"),
    pytest.param("/jobs/a/events", Reply(endless(b"x" * 65536), headers=EVENTS), id="line"),
    pytest.param("/jobs/a/events", Reply(endless(b":" * 65536), headers=EVENTS), id="comment"),
    pytest.param("/jobs/a/events", Reply(endless(b"data:x\n" * 9000), headers=EVENTS), id="lines"),
    pytest.param(
        "/jobs/a/events",
        Reply(endless(b"data:" + "\U0001f600".encode() * 9000), headers=EVENTS),
        id="wide",
    ),
]


@pytest.mark.parametrize(("path", "reply"), LIMITS)
def test_an_endless_answer_needs_little_memory(service: Service, path: str, reply: Reply) -> None:
    """The peak is below 64 MB, and the exit code 2."""
    service.routes[path] = [reply]
    done = child(PEAK + MAIN, service.url, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    output, errors = done.communicate(timeout=60)
    message, peak = errors.decode().splitlines()
    assert (done.returncode, output) == (2, b"")
    assert re.match("jobstatus: (invalid answer: |404 Not Found$)", message)
    assert int(peak.split()[1]) * 1024 < 64_000_000


@pytest.mark.parametrize(("path", "reply"), LIMITS)
def test_an_answer_has_a_limit(service: Service, watch: Watch, path: str, reply: Reply) -> None:
    """The message has it, unless the answer is short but not a job."""
    service.routes[path] = [reply]
    done = watch()
    assert done.exit_code == 2
    assert re.search(r"larger than 262,144 bytes$|expected an object|404 Not Found$", done.stderr)


def test_some_compressions_are_refused(service: Service, watch: Watch) -> None:
    """They may need much memory for a short answer."""
    service.polls([Reply(DONE, headers={"Content-Encoding": "gzip, ZSTD"})])
    done = watch()
    assert done.exit_code == 2
    expected = "expected it uncompressed, or as gzip or deflate"
    assert done.stderr == f"jobstatus: invalid answer: {expected}\n"
    assert service.seen("/jobs/a")[0]["accept-encoding"] == "gzip, deflate"


def test_heartbeats_may_go_on(service: Service) -> None:
    """They need little memory, too. The run ends after its timeout."""
    service.events([Reply(endless(b": beat\n\n" * 1000), headers=EVENTS)])
    done = child(PEAK + MAIN, service.url, "--timeout", "2", stderr=subprocess.PIPE)
    _, errors = done.communicate(timeout=60)
    message, peak = errors.decode().splitlines()
    assert (done.returncode, message) == (124, "jobstatus: no outcome within 2 seconds")
    assert int(peak.split()[1]) * 1024 < 64_000_000


# Terminals


def hostile_replies() -> list[Reply]:
    """Return answers with control characters in every text."""
    job = {"id": HOSTILE, "status": "failed", "error": HOSTILE, HOSTILE: 1}
    detail = json.dumps({"detail": HOSTILE, "title": HOSTILE}).encode()
    return [
        Reply(json.dumps(job).encode()),
        Reply(json.dumps(job | {"status": HOSTILE}).encode()),
        Reply(detail, status=404),
        Reply(b"", status=302, headers={"Location": "http://\x9b/\x9b"}),
    ]


@pytest.mark.parametrize("reply", hostile_replies())
@pytest.mark.parametrize("arguments", [[], ["--json"], ["--json", "--unknown-keys", "keep"]])
def test_no_control_character_of_a_payload_is_printed(
    service: Service, watch: Watch, reply: Reply, arguments: list[str]
) -> None:
    """Only newlines are."""
    service.polls([reply])
    done = watch(*arguments)
    assert done.exit_code in {2, 3}
    assert all(c == "\n" or ord(c) >= 0x20 for c in done.stdout + done.stderr)


@pytest.mark.parametrize("reply", hostile_replies())
@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_no_control_character_of_a_payload_reaches_a_terminal(
    service: Service, reply: Reply, arguments: list[str]
) -> None:
    """All that is there is rich's: cursor, colours and erased lines."""
    service.polls([reply])
    with on_terminal(service.url, *arguments) as (process, terminal):
        text = re.sub(rb"\x1b\[(\?25[lh]|[\d;]*m|\d?[AK])|\r", b"", terminal.read_all()).decode()
        assert process.wait() in {2, 3}
    assert [c for c in text if not c.isprintable() and c != "\n"] == []
    assert "owned" not in text or r"x1b]0;owned" in text or r"u001b]0;owned" in text


def test_a_terminal_shows_a_bar(service: Service) -> None:
    """It has the state in colour, percent, time and estimate. The cursor is shown at the end."""
    go = threading.Event()
    estimate = f"{datetime.now(UTC) + timedelta(hours=2):%Y-%m-%dT%H:%M:%SZ}"
    half = b'{"id":"a","status":"processing","progress":50,"estimatedCompletion":"%s"}'
    failed = with_error("no [b]bucket[/b] :smile:")

    def write_all(write: Callable[[bytes], object]) -> None:
        write(event(half % estimate.encode()))
        go.wait(60)
        write(event(failed))

    service.events([Reply(write_all, headers=EVENTS)])
    with on_terminal(service.url) as (process, terminal):
        terminal.read_until(b"1:59:")
        go.set()
        text = terminal.read_all()
        assert process.wait() == 3
    assert b"\x1b[36mprocessing\x1b[0m" in text
    assert b" 50% " in text
    assert b"0:00:0" in text
    assert b" left" in text
    assert b"\x1b[1;31mfailed\x1b[0m" in text
    assert b"failed: no [b]bucket[/b] :smile:" in text
    assert text.rindex(b"\x1b[?25h") > text.rindex(b"\x1b[?25l")


def test_trouble_is_shown_above_the_bar(service: Service) -> None:
    """The bar goes on."""
    service.polls([Reply(status=503), Reply(DONE)])
    with on_terminal(service.url) as (process, terminal):
        text = terminal.read_all()
        assert process.wait() == 0
    assert b"503 Service Unavailable, trying again" in text
    assert b"100%" in text


def test_a_dumb_terminal_has_plain_lines(service: Service) -> None:
    """It has no cursor to move."""
    service.polls([Reply(DONE)])
    with on_terminal(service.url, TERM="dumb") as (process, terminal):
        assert terminal.read_all() == b"a: completed, 100%\r\n"
        assert process.wait() == 0


def test_ndjson_on_a_terminal_has_escapes() -> None:
    """The value is the same."""
    runner = CliRunner()
    job = JobStatus("\x9b\U000e0001\u6f22", "queued")
    with runner.isolation() as (output, _, _):
        JsonLines(is_terminal=True).show(job)
        text = output.getvalue()
    assert text == b'{"id":"\\u009b\\udb40\\udc01\xe6\xbc\xa2","status":"queued"}\n'
    assert JobStatus.from_json(text) == job


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("has_job", [True, False])
def test_a_signal_leaves_the_cursor_shown(
    service: Service,
    number: int,
    code: int,
    has_job: bool,  # noqa: FBT001 - a parameter of pytest
) -> None:
    """Also before the first answer. The exit code is 128 and the number of the signal."""
    stop = threading.Event()
    service.events([stream(*[event(HALF)] * has_job, wait=stop)])
    with on_terminal(service.url) as (process, terminal):
        terminal.read_until(b"50%" if has_job else b"connecting")
        process.send_signal(number)
        text = terminal.read_all()
        assert process.wait() == code
    stop.set()
    assert b"Traceback" not in text
    assert text.rindex(b"\x1b[?25h") > text.rindex(b"\x1b[?25l")


def test_many_signals_are_like_one(service: Service) -> None:
    """An impatient user holds Ctrl-C down."""
    stop = threading.Event()
    service.events([stream(event(HALF), wait=stop)])
    with on_terminal(service.url) as (process, terminal):
        terminal.read_until(b"50%")
        for _ in range(50):
            process.send_signal(signal.SIGINT)
        text = terminal.read_all()
        assert process.wait() in {130, -signal.SIGINT}
    stop.set()
    assert text.rindex(b"\x1b[?25h") > text.rindex(b"\x1b[?25l")


def test_an_ignored_signal_stays_ignored(service: Service) -> None:
    """A shell ignores Ctrl-C for a job in the background."""
    go = threading.Event()

    def write_all(write: Callable[[bytes], object]) -> None:
        write(event(HALF))
        go.wait(60)
        write(event(DONE))

    service.events([Reply(write_all, headers=EVENTS)])
    program = MAIN.replace("default_int_handler", "SIG_IGN")
    with child(program, service.url, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"a: processing, 50%\n"
        process.send_signal(signal.SIGINT)
        go.set()
        assert process.stdout.read() == b"a: completed, 100%\n"
    assert process.returncode == 0


def ended_by(number: int) -> Reply:
    """Return events that end with a signal to this process."""

    def write_all(write: Callable[[bytes], object]) -> None:
        write(event(HALF))
        os.kill(os.getpid(), number)

    return Reply(write_all, headers=EVENTS)


@pytest.fixture
def handler() -> Iterator[None]:
    """Check that a test leaves the handler of SIGTERM as it was."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    assert signal.getsignal(signal.SIGTERM) == before


@pytest.mark.usefixtures("handler")
def test_a_signal_ends_a_run_in_this_process(service: Service, watch_here: Watch) -> None:
    """The handlers are those from before."""
    service.events([ended_by(signal.SIGTERM)])
    assert watch_here().exit_code == 143


@pytest.mark.usefixtures("interruptible")
def test_signals_without_handlers_end_a_run(
    service: Service, watch_here: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows has none, so asyncio ends the run after Ctrl-C."""

    def refuse(*_: object) -> None:
        raise NotImplementedError

    monkeypatch.setattr(asyncio.SelectorEventLoop, "add_signal_handler", refuse)
    service.events([ended_by(signal.SIGINT)])
    assert watch_here().exit_code == 130


def test_another_cancellation_is_not_hidden(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not a signal."""

    async def look(_: Source) -> Look:
        raise asyncio.CancelledError

    monkeypatch.setattr(Source, "look", look)
    with pytest.raises(asyncio.CancelledError):
        watch()


def test_an_ignored_signal_has_no_handler(
    service: Service, watch_here: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It could not be ignored otherwise."""

    def ignored(_: int) -> signal.Handlers:
        return signal.SIG_IGN

    monkeypatch.setattr(signal, "getsignal", ignored)
    service.polls([Reply(DONE)])
    assert watch_here().exit_code == 0


def test_a_closed_pipe_is_exit_code_2(service: Service) -> None:
    """As for all subcommands."""
    reader, writer = os.pipe()
    os.close(reader)
    service.polls([Reply(DONE)])
    with child(MAIN, service.url, stdout=writer, stderr=subprocess.PIPE) as process:
        os.close(writer)
        assert process.stderr
        assert process.stderr.read() == b""
    assert process.returncode == 2


def on_tty(**env: str) -> dict[str, Any]:
    """Return the arguments of a console that is a terminal in memory."""

    class Tty(StringIO):
        """A file that says it is a terminal."""

        def isatty(self) -> bool:
            """Return True."""
            return True

    return {"file": Tty(), "width": 80, "_environ": {"TERM": "xterm", **env}}


def text_of(console: Console) -> str:
    """Return the text on a terminal in memory."""
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize(
    ("job", "shown"),
    [
        (None, "connecting"),
        (JobStatus("a", "queued"), "queued"),
        (
            JobStatus("a", "processing", estimated_completion=datetime(2020, 1, 1, tzinfo=UTC)),
            "0:00:00 left",
        ),
        (JobStatus("a", "completed", progress=100), "100%"),
        (JobStatus("a", "failed", error="no bucket"), "failed: no bucket"),
        (JobStatus("\x1b" * 20, "queued", error="of before"), r"\x1b\x1b\x1b\x1b\x1… queued"),
    ],
)
def test_the_bar_shows_each_state(job: JobStatus | None, shown: str) -> None:
    """The cursor is shown at the end."""
    console = Console(**on_tty())
    with (bar := Bar(console)):
        if job is not None:
            bar.show(job)
        bar.note("a note")
    text = text_of(console)
    assert shown in re.sub(r"\x1b\[[\d;]*m", "", text)
    assert "a note" in text
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")


def test_the_screen_depends_on_the_output(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal has a bar."""
    monkeypatch.setattr("jobstatus.cli._screen.Console", partial(Console, **on_tty()))
    assert type(make_screen(as_json=False)) is Bar
    monkeypatch.setattr("jobstatus.cli._screen.Console", partial(Console, **on_tty(TERM="dumb")))
    assert type(make_screen(as_json=False)) is not Bar


# The command


def test_a_missing_extra_is_one_line_with_the_install_command(
    monkeypatch: pytest.MonkeyPatch, watch: Watch
) -> None:
    """The exit code is 2."""
    monkeypatch.delitem(sys.modules, "jobstatus.cli._session", raising=False)
    monkeypatch.delitem(sys.modules, "jobstatus.cli._http", raising=False)
    monkeypatch.setitem(sys.modules, "httpx2", None)
    done = watch()
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "jobstatus: watch needs httpx2: pip install 'jobstatus[watch]'\n"


def test_other_import_errors_are_raised(monkeypatch: pytest.MonkeyPatch, watch: Watch) -> None:
    """Installing the extra would not help."""
    monkeypatch.setitem(sys.modules, "jobstatus.cli._session", None)
    assert isinstance(watch().exception, ImportError)


def test_other_subcommands_do_not_load_the_client() -> None:
    """They start as fast as before."""
    program = (
        "import sys; from jobstatus.__main__ import main\n"
        "try: main()\n"
        "finally: print({'httpx2', 'asyncio', 'jobstatus.cli._session'} & {*sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "schema"], capture_output=True, check=True, text=True
    )
    assert done.stdout.endswith("}\nset()\n")


def locked_rich() -> str:
    """Return the version of rich that draws the picture."""
    lock = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    found = re.search(r"^rich==(\S+)", lock, re.MULTILINE)
    assert found
    return found[1]


@pytest.mark.skipif(installed("rich") != locked_rich(), reason="another rich may draw differently")
def test_the_picture_in_the_readme_is_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    """`python -m tests.support.picture > docs/watch.svg` renews it."""
    runpy.run_path(picture.__file__, run_name="__main__")
    assert (ROOT / "docs" / "watch.svg").read_text(encoding="utf-8") == capsys.readouterr().out
    assert "](docs/watch.svg)" in (ROOT / "README.md").read_text(encoding="utf-8")
