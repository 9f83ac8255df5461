"""A worker, a service, and a page with a progress bar, in one process.

Run: python -m examples.demo, and open the address that it prints.
"""

from __future__ import annotations

import argparse
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import uvicorn
from fastapi import FastAPI
from fastapi.responses import FileResponse, Response

from jobstatus import JobStatus, OvertakenError
from jobstatus.fastapi import JobStatusResponse, status_router
from jobstatus.stores import JobError, SqliteStore, Store

HERE = Path(__file__).parent


def convert(store: Store, id: str, *, pages: int, broken: int | None, seconds: float) -> None:
    """Work on a job until it is done, or somebody cancels it."""
    # A job that fails ends with the text of the JobError, and the exception passes on.
    with suppress(OvertakenError, JobError), store.work(id) as work:
        for page in work.track(range(pages)):
            time.sleep(seconds)
            if page == broken:
                raise JobError(f"page {page} is damaged")


def create_app(store: Store, *, seconds: float) -> FastAPI:
    """Return the service. A page takes some seconds."""
    app = FastAPI(title="Demo of jobstatus")
    app.include_router(status_router(store, authorize=None))

    @app.post("/jobs", status_code=201, response_class=JobStatusResponse)
    def create(broken: int | None = None) -> JobStatus:
        """Create a job, and start to work on it."""
        job = JobStatus.queued(str(uuid4()))
        store.create(job)
        options = {"pages": 100, "broken": broken, "seconds": seconds}
        threading.Thread(target=convert, args=(store, job.id), kwargs=options, daemon=True).start()
        return job

    @app.get("/", include_in_schema=False)
    def page() -> Response:
        """Return the page."""
        return FileResponse(HERE / "index.html")

    @app.get("/JobStatus.js", include_in_schema=False)
    def module() -> Response:
        """Return the generated TypeScript, compiled."""
        return FileResponse(HERE / "JobStatus.js")

    return app


def main() -> None:
    """Serve the demo on loopback until it is interrupted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000, help="0 for a free one (default: 8000)")
    parser.add_argument("--seconds", type=float, default=0.08, help="for a page (default: 0.08)")
    options = parser.parse_args()
    with (
        TemporaryDirectory() as folder,
        SqliteStore(f"{folder}/jobs.sqlite") as store,
        socket.create_server(("127.0.0.1", options.port)) as listening,
    ):
        print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
        app = create_app(store, seconds=options.seconds)
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
        uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
