"""`of_bullmq` reads the jobs of a worker in Node."""

# BullMQ's Python port has no types that pyright's strict mode knows.
# pyright: basic, reportMissingImports=false

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Coroutine,
    Generator,
    Iterator,
)
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from jobstatus import RETRYING, STANDARD, JobStatus, UnknownJobError
from jobstatus.queues import of_bullmq
from tests.support.workers import redis_server

pytest.importorskip("bullmq", reason="BullMQ's Python port is not installed")

FOLDER = Path(__file__).with_name("node")


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a Redis and a worker in Node."""
    if not (FOLDER / "node_modules").is_dir():
        pytest.skip("needs BullMQ: npm ci --prefix tests/live/queues/node")
    folder = tmp_path_factory.mktemp("bullmq")
    with redis_server(folder) as started, node_worker(started, "jobstatus_tests"):
        yield started


@contextmanager
def node_worker(url: str, name: str) -> Generator[subprocess.Popen[bytes]]:
    """Start a worker, and kill it at the end."""
    command = ["node", str(FOLDER / "worker.mjs"), url, name]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"ready\n"
        yield worker
        worker.kill()


@asynccontextmanager
async def opened(url: str, name: str = "jobstatus_tests") -> AsyncGenerator[Any]:
    """Open a queue of the Python port."""
    from bullmq import Queue

    queue = Queue(name, {"connection": url})
    try:
        yield queue
    finally:
        await queue.close()


def run(
    url: str, test: Callable[[Any], Coroutine[Any, Any, None]], name: str = "jobstatus_tests"
) -> None:
    """Run a test with a queue."""

    async def main() -> None:
        async with opened(url, name) as queue:
            await test(queue)

    asyncio.run(main())


async def until(look: Callable[[], Awaitable[JobStatus]], status: str) -> JobStatus:
    """Read a job until it has a state."""
    async with asyncio.timeout(30):
        while (job := await look()).status != status:  # noqa: ASYNC110 - Redis reports no event
            await asyncio.sleep(0.01)
    return job


def test_a_job_completes(url: str) -> None:
    """Its progress is 100 then."""

    async def test(queue: Any) -> None:
        job = await queue.add("complete", {}, {"removeOnComplete": False})
        done = await until(lambda: of_bullmq(job), "completed")
        assert done == JobStatus(job.id, "completed", progress=100)

    run(url, test)


def test_a_job_fails_with_the_name_of_the_error(url: str) -> None:
    """Its message may have a key."""

    async def test(queue: Any) -> None:
        job = await queue.add("fail", {}, {})
        failed = await until(lambda: of_bullmq(job), "failed")
        assert failed == JobStatus(job.id, "failed", error="TypeError")
        told = await of_bullmq(job, errors=lambda text: f"{text!s:.5}")
        assert told.error == "https"

    run(url, test)


@pytest.mark.parametrize(
    ("given", "progress"),
    [(40, 40), ({"percent": 25}, 25), ({"progress": 12.5}, 12.5), ("half", None), (101, None)],
)
def test_a_progress_is_read_if_it_is_a_number(url: str, given: Any, progress: float | None) -> None:
    """BullMQ allows any JSON."""

    async def test(queue: Any) -> None:
        job = await queue.add("report", {"progress": given, "milliseconds": 300}, {})
        await until(lambda: of_bullmq(job), "processing")
        async with asyncio.timeout(10):
            while (read := await of_bullmq(job)).progress != progress:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.01)
        assert read.status == "processing"

    run(url, test)


def test_a_job_between_two_attempts_is_queued_or_processing(url: str) -> None:
    """The lifecycle decides."""

    async def test(queue: Any) -> None:
        options = {"attempts": 2, "backoff": {"type": "fixed", "delay": 60_000}}
        job = await queue.add("retry", {}, options)
        async with asyncio.timeout(30):
            while await job.getState() != "delayed":  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.01)
        assert await of_bullmq(job, lifecycle=RETRYING) == JobStatus.queued(job.id)
        assert (await of_bullmq(job, lifecycle=STANDARD)).status == "processing"

    run(url, test)


@pytest.mark.parametrize("options", [{}, {"delay": 60_000}, {"priority": 5}])
def test_a_job_that_waits_is_queued(url: str, options: dict[str, int]) -> None:
    """No worker takes the jobs of this queue."""

    async def test(queue: Any) -> None:
        job = await queue.add("complete", {}, options)
        assert await of_bullmq(job) == JobStatus.queued(job.id)

    run(url, test, "nobody")


def test_a_removed_job_is_unknown(url: str) -> None:
    """So is one that was completed and not kept."""

    async def test(queue: Any) -> None:
        job = await queue.add("complete", {}, {})
        await queue.remove(job.id)
        with pytest.raises(UnknownJobError):
            await of_bullmq(job)

    run(url, test, "nobody")


def test_a_job_of_a_killed_worker_fails(url: str) -> None:
    """The next worker notices that it has stalled."""

    async def test(queue: Any) -> None:
        job = await queue.add("die", {}, {})
        with node_worker(url, "killed") as worker:
            await asyncio.to_thread(worker.wait)
        assert (await of_bullmq(job)).status == "processing"
        with node_worker(url, "killed"):
            failed = await until(lambda: of_bullmq(job), "failed")
        assert failed == JobStatus(job.id, "failed", error="UnrecoverableError")

    run(url, test, "killed")
