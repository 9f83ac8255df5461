"""Run: celery -A celery_app worker, and in another terminal: python celery_app.py."""

import time

from celery import Celery

from jobstatus.queues import Publisher, track
from jobstatus.queues.celery import connect
from jobstatus.stores import SqliteStore

app = Celery("celery_app", broker="redis://localhost", backend="redis://localhost")
store = SqliteStore("jobs.sqlite")
connect(app, Publisher(store))


@app.task
def convert(pages: int) -> None:
    """Convert some pages, and report each."""
    for _ in track(range(pages)):
        time.sleep(0.1)


if __name__ == "__main__":
    for change in store.watch(convert.delay(10).id):
        print(change.job.to_json())
