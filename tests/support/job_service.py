"""An HTTP server on loopback that answers as a test says."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import attrs

TOKEN = "0123456789abcdef" * 2
Write = Callable[[bytes], object]


@attrs.frozen
class Reply:
    """An answer.

    Attributes:
        body: The body, or a function that writes it until it returns or the client is gone. Then
            the connection is closed.
        status: The status, or 0 to close the connection without an answer.
        after: The moment to answer.
    """

    body: bytes | Callable[[Write], object] = b""
    status: int = 200
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])
    after: threading.Event | None = None


def version(number: int, token: str = TOKEN) -> str:
    """Return a version as the service writes it."""
    return f"{number}-{token}"


def tagged(body: bytes, number: int) -> Reply:
    """Return a job with its version as the ETag."""
    return Reply(body, headers={"ETag": f'"{version(number)}"'})


def event(body: bytes, id: str = "") -> bytes:
    """Return a server-sent event."""
    return (f"id: {id}\n".encode() if id else b"") + b"data: " + body + b"\n\n"


def stream(
    *events: bytes,
    wait: threading.Event | None = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """Return a stream of events that ends after them, or after an event of the test."""

    def write_all(write: Write) -> None:
        for data in events:
            write(data)
        if wait is not None:
            wait.wait(60)

    return Reply(write_all, headers={"Content-Type": "text/event-stream", **(headers or {})})


def endless(chunk: bytes) -> Callable[[Write], None]:
    """Return a body that never ends."""

    def write_on(write: Write) -> None:
        while True:
            write(chunk)

    return write_on


class Service:
    """The server. Use it as a context manager.

    Attributes:
        routes: The answers for each path. The last one is repeated.
        requests: The path and the headers of each request.
    """

    def __init__(self, port: int = 0) -> None:
        self.routes: dict[str, list[Reply]] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                service.requests.append((self.path, headers))
                service.answer(self)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                """Print nothing, because a client may end at any time."""

        self._server = Server(("127.0.0.1", port), Handler)
        self.port: int = self._server.server_port
        self.origin = f"http://127.0.0.1:{self.port}"
        self.url = f"{self.origin}/jobs/a"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def polls(self, replies: Iterable[Reply]) -> None:
        """Answer polls of the job, and have no events."""
        self.routes["/jobs/a"] = [*replies]

    def events(self, replies: Iterable[Reply]) -> None:
        """Answer requests for the events of the job."""
        self.routes["/jobs/a/events"] = [*replies]

    def seen(self, path: str) -> list[dict[str, str]]:
        """Return the headers of each request for a path."""
        return [headers for name, headers in self.requests if name == path]

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Send the next answer of a path."""
        replies = self.routes.get(handler.path, [Reply(b"no such path", status=404)])
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        if reply.after is not None:
            reply.after.wait(60)
        if reply.status == 0:
            handler.close_connection = True
            return
        handler.send_response(reply.status)
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        if isinstance(reply.body, bytes):
            if reply.status not in {204, 304}:
                handler.send_header("Content-Length", str(len(reply.body)))
            handler.end_headers()
            handler.wfile.write(reply.body)
            return
        handler.send_header("Connection", "close")
        handler.end_headers()
        output: io.BufferedIOBase = handler.wfile
        with suppress(OSError):
            reply.body(output.write)
        handler.close_connection = True
