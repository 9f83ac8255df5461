"""The example service under uvicorn, and an HTTP client that sends and returns bytes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, final

ROOT = Path(__file__).parent.parent.parent
APP = "examples.fastapi_service:create_app"
RUNNING = re.compile(r"Uvicorn running on http://127\.0\.0\.1:([0-9]+)")


class Answer(NamedTuple):
    """An HTTP response."""

    status: int
    type: str | None
    body: bytes
    tag: str | None = None


@final
class Service:
    """A client of a running service.

    Attributes:
        url: The address of the service.
    """

    def __init__(self, port: int, process: subprocess.Popen[str] | None = None) -> None:
        self._process = process
        self.url = f"http://127.0.0.1:{port}"
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> Answer:
        """Send a request and return the response."""
        about = {} if body is None else {"Content-Type": "application/json"}
        self._connection.request(method, path, body, about | dict(headers))
        response = self._connection.getresponse()
        kind, tag = response.getheader("Content-Type"), response.getheader("ETag")
        return Answer(response.status, kind, response.read(), tag)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def stop(self) -> None:  # pragma: no cover - tests/node stops one
        """End the service, and wait for it."""
        self.close()
        assert self._process is not None
        self._process.terminate()
        self._process.wait()


@contextmanager
def running_service(database: Path, *, port: int = 0) -> Generator[Service]:
    """Start the service, stop it at the end, and fail if its log has a traceback."""
    options = (
        *("--port", str(port), "--no-access-log", "--no-use-colors"),
        *("--timeout-keep-alive", "600", "--timeout-graceful-shutdown", "1"),
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "--factory", APP, *options],
        cwd=ROOT,
        env=os.environ | {"JOBS_DATABASE": str(database)},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    log = ""
    try:
        while (found := RUNNING.search(log)) is None:
            line = process.stderr.readline()
            assert line, log
            log += line
        service = Service(int(found[1]), process)
        yield service
        service.close()
    finally:
        process.terminate()
        log += process.communicate()[1]
    assert "Traceback" not in log, log
