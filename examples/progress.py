"""A worker, a service and a client, in one program. Run: python progress.py."""

import threading
import time

import httpx2
import uvicorn
from fastapi import FastAPI

from jobstatus import JobStatus
from jobstatus.fastapi import status_router
from jobstatus.follow import follow
from jobstatus.stores import SqliteStore

store, app = SqliteStore("jobs.sqlite"), FastAPI()
app.include_router(status_router(store, authorize=None))


def work(id: str) -> None:
    """Take some seconds for a job, and report each step."""
    with store.work(id) as job:
        list(map(time.sleep, job.track([0.05] * 100)))


store.create(JobStatus.queued("job-42"))
threading.Thread(target=uvicorn.run, args=[app], daemon=True).start()
threading.Thread(target=work, args=["job-42"]).start()
client = httpx2.Client(transport=httpx2.HTTPTransport(retries=5), base_url="http://127.0.0.1:8000")
for status in follow(lambda: JobStatus.from_json(client.get("/jobs/job-42").content), timeout=60):
    print("#" * int((status.progress or 0) / 2), status.status)
