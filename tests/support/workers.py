"""A Redis server and the workers of queues, which end with the test."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from jobstatus import JobState, JobStatus
from jobstatus.stores import Store

ROOT = Path(__file__).parent.parent.parent


@contextmanager
def redis_server(folder: Path) -> Generator[str]:
    """Start a Redis that keeps nothing, and yield its URL."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    options = ("--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder))
    with subprocess.Popen([program, *options], stdout=subprocess.DEVNULL) as server:
        try:
            wait_until(lambda: answers(port))
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()


def answers(port: int) -> bool:
    """Return whether a server accepts connections."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


@contextmanager
def worker(
    command: list[str], environment: Mapping[str, str], folder: Path = ROOT
) -> Generator[subprocess.Popen[bytes]]:
    """Start a worker, and kill it and its children at the end: some go on without their parent."""
    paths = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": paths} | dict(environment),
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_until(is_done: Callable[[], bool], seconds: float = 30) -> None:
    """Wait for something that reports no event."""
    deadline = time.monotonic() + seconds
    while not is_done():
        if time.monotonic() > deadline:
            raise TimeoutError(f"it did not happen within {seconds} seconds")
        time.sleep(0.01)


def end_of(store: Store, id: str) -> JobStatus:
    """Wait until a job has ended, or failed, and return it."""
    for change in store.watch(id, interval=0.01):
        if change.job.status is JobState.FAILED:
            return change.job
    return store.get(id)


def note(path: str) -> int:
    """Note in a file that a body runs, and return how often it has."""
    with Path(path).open("a", encoding="utf-8") as file:
        file.write("run\n")
    return len(Path(path).read_text(encoding="utf-8").splitlines())
