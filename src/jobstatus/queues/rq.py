"""Publishing from RQ, by a decorator and an exception handler."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn, ParamSpec, TypeVar, cast
from uuid import uuid4

from rq import Queue, get_current_job
from rq.job import Job

from jobstatus._states import JobState
from jobstatus.errors import UnknownJobError
from jobstatus.queues._current import enter, leave
from jobstatus.queues._publisher import Publisher

__all__ = ["JobCancelled", "enqueue", "exception_handler", "publish"]

P = ParamSpec("P")
T = TypeVar("T")


class JobCancelled(Exception):  # noqa: N818 - what happened, not an error of the job
    """Ends a job that was cancelled while it ran. RQ calls it failed, and does not retry it."""


def enqueue(
    publisher: Publisher, queue: Queue, function: Callable[..., Any], *args: Any, **options: Any
) -> Job:
    """Create a job in the store, then enqueue it.

    RQ has no hook for this, and a worker may start the job before ``enqueue`` has returned.

    Args:
        publisher: The publisher.
        queue: The queue.
        function: The function, which `publish` decorates.
        args: The arguments of the function.
        options: The other arguments of ``Queue.enqueue``.
    """
    job_id: str = options.pop("job_id", None) or str(uuid4())
    publisher.queued(job_id)
    # The type of Queue.enqueue allows any arguments, which a strict type checker reports.
    job: Job = cast("Any", queue).enqueue(function, *args, job_id=job_id, **options)
    return job


def publish(publisher: Publisher) -> Callable[[Callable[P, T]], Callable[P, T | None]]:
    """Return a decorator that publishes the steps of a function's jobs.

    The id of a job is that of RQ. A job that was cancelled before it started does not run. One that
    is cancelled while it runs ends with `JobCancelled` at its next `jobstatus.queues.report`, and
    is not retried. Outside a worker, the function runs as it is.

    Args:
        publisher: The publisher.
    """

    def decorate(function: Callable[P, T]) -> Callable[P, T | None]:
        @wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> T | None:
            job = get_current_job()
            if job is None:
                return function(*args, **kwargs)
            publisher.started(job.id)
            if _is_cancelled(publisher, job.id):
                return None
            enter(publisher, job.id, _stop)
            try:
                result = function(*args, **kwargs)
            except JobCancelled:
                job.retries_left = 0
                raise
            except Exception as error:
                _fail(publisher, job, error)
                raise
            finally:
                leave(job.id)
            publisher.completed(job.id)
            return result

        return run

    return decorate


def exception_handler(publisher: Publisher) -> Callable[..., bool]:
    """Return an exception handler for a worker: ``Worker(..., exception_handlers=[...])``.

    It publishes what the decorator cannot see: a job whose function could not be loaded, and one
    that a dead worker abandoned. A worker whose process was killed calls no handler; see
    `jobstatus.queues.reconcile`.

    Args:
        publisher: The publisher.
    """

    def handle(job: Job, kind: type[BaseException], error: BaseException, _: object) -> bool:
        if not issubclass(kind, JobCancelled):
            _fail(publisher, job, error)
        return True

    return handle


def _fail(publisher: Publisher, job: Job, error: BaseException) -> None:
    if job.should_retry:
        publisher.retried(job.id)
    else:
        publisher.failed(job.id, error)


def _is_cancelled(publisher: Publisher, id: str) -> bool:
    try:
        return publisher.store.get(id).status is JobState.CANCELLED
    except UnknownJobError:
        return True


def _stop() -> NoReturn:
    raise JobCancelled("the job was cancelled")
