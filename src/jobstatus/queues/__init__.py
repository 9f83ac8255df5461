"""Status from the job queue that you already run: Celery, RQ, Dramatiq or BullMQ.

Importing this package imports no queue. The modules ``jobstatus.queues.celery``,
``jobstatus.queues.rq`` and ``jobstatus.queues.dramatiq`` connect a queue to a store.
"""

from jobstatus.queues._current import JobCancelled, report, track
from jobstatus.queues._publisher import Publisher
from jobstatus.queues._read import of_bullmq, of_celery, of_rq
from jobstatus.queues._reconcile import reconcile

__all__ = [
    "JobCancelled",
    "Publisher",
    "of_bullmq",
    "of_celery",
    "of_rq",
    "reconcile",
    "report",
    "track",
]
