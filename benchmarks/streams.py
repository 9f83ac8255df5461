"""Measure what open streams of `status_router` cost.

Run: python -m benchmarks.streams [--streams STREAMS] [--cancels CANCELS]

The service runs under uvicorn in a process of its own, over SQLite. The client opens the streams,
each of another job, cancels some of the jobs, and measures when the answer and the event come.
Linux only.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from fastapi import FastAPI

from jobstatus import JobStatus
from jobstatus.fastapi import status_router
from jobstatus.stores import SqliteStore
from tests.support.http import Exchange, serving

_JOBS: Final = "JOBS_DATABASE"


async def serve() -> None:
    """Serve until standard input ends, and print the port."""
    app = FastAPI()
    app.include_router(status_router(SqliteStore(os.environ[_JOBS]), authorize=None))
    async with serving(app) as port:
        print(port, flush=True)
        await asyncio.to_thread(sys.stdin.read)


def status_of(process: int) -> tuple[int, int]:
    """Return the resident KiB and the threads of a process."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    fields = {name: value.split() for name, _, value in (line.partition(":") for line in lines)}
    return int(fields["VmRSS"][0]), int(fields["Threads"][0])


async def measure(port: int, process: int, streams: int, cancels: int) -> None:
    """Open streams, cancel some of their jobs, and print what it took."""
    for _ in range(20):  # the threads of the service are there
        await (await Exchange.start(port, "/jobs/stream-0")).close()
    memory, threads = status_of(process)
    opened = [await Exchange.start(port, f"/jobs/stream-{n}/events") for n in range(streams)]
    for stream in opened:
        await anext(stream.events())
    await asyncio.sleep(2)
    memory_of_all, threads_of_all = status_of(process)
    answers: list[float] = []
    events: list[float] = []
    for n in range(cancels):
        event = asyncio.ensure_future(anext(opened[n].events()))
        start = time.perf_counter()
        answer = await Exchange.start(port, f"/jobs/stream-{n}/cancel", method="POST")
        await answer.body()
        answers.append(time.perf_counter() - start)
        await event
        events.append(time.perf_counter() - start)
    print(f"{streams} streams: {(memory_of_all - memory) / streams:.1f} KiB each")
    print(f"threads: {threads} before, {threads_of_all} with the streams")
    for name, times in (("answer to a cancel", answers), ("its event", events)):
        middle, most = 1000 * statistics.median(times), 1000 * max(times)
        print(f"{name}: median {middle:.0f} ms, at most {most:.0f} ms, of {cancels}")
    await Exchange.close_all()


def main() -> None:
    """Read the arguments, start the service, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=1_000)
    parser.add_argument("--cancels", type=int, default=50)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve())
        return
    with TemporaryDirectory() as folder:
        path = f"{folder}/jobs.sqlite"
        with SqliteStore(path, synchronous="NORMAL") as store:
            for n in range(options.streams):
                store.create(JobStatus.queued(f"stream-{n}"))
        command = [sys.executable, "-m", "benchmarks.streams", "--serve"]
        environment = os.environ | {_JOBS: path}
        pipe = subprocess.PIPE
        with subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe) as service:
            assert service.stdout is not None  # noqa: S101 - for the type checker
            assert service.stdin is not None  # noqa: S101 - as above
            port = int(service.stdout.readline())
            asyncio.run(measure(port, service.pid, options.streams, options.cancels))
            service.stdin.close()


if __name__ == "__main__":
    main()
