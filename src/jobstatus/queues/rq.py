"""Publishing from RQ, by a decorator and an exception handler."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import iscoroutinefunction
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar, cast, final
from uuid import uuid4

from rq import Queue, Retry, get_current_job
from rq.job import Job

from jobstatus.queues._current import JobCancelled, enter, is_cancelled, is_current, leave, stop
from jobstatus.queues._publisher import Publisher

__all__ = ["enqueue", "exception_handler", "publish"]

P = ParamSpec("P")
T = TypeVar("T")


def enqueue(
    publisher: Publisher, queue: Queue, function: Callable[..., Any], /, *args: Any, **options: Any
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
    try:
        job: Job = cast("Any", queue).enqueue(function, *args, job_id=job_id, **options)
    except Exception as error:
        publisher.failed(job_id, error)
        raise
    return job


def publish(publisher: Publisher) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Return a decorator that publishes the steps of a function's jobs.

    The id of a job is that of RQ. A job that was cancelled before it started does not run: it ends
    with `jobstatus.queues.JobCancelled`. One that is cancelled while it runs does so at its next
    `jobstatus.queues.report`. Neither is retried. Outside a worker, and inside another decorated
    function, the function runs as it is. It may be a coroutine function.

    Args:
        publisher: The publisher.
    """

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        if iscoroutinefunction(function):

            @wraps(function)
            async def run_async(*args: P.args, **kwargs: P.kwargs) -> Any:
                job = get_current_job()
                if job is None or is_current(job.id):
                    return await function(*args, **kwargs)
                with _Attempt(publisher, job) as attempt:
                    attempt.result = await function(*args, **kwargs)
                return attempt.result

            return cast("Callable[P, T]", run_async)

        @wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> T:
            job = get_current_job()
            if job is None or is_current(job.id):
                return function(*args, **kwargs)
            with _Attempt(publisher, job) as attempt:
                attempt.result = result = function(*args, **kwargs)
            return result

        return run

    return decorate


@final
class _Attempt:
    """An attempt of a job: it publishes the start, and what comes of it."""

    def __init__(self, publisher: Publisher, job: Job) -> None:
        self._publisher, self._job = publisher, job
        self.result: object = None

    def __enter__(self) -> Self:
        enter(self._publisher, self._job.id, stop, is_outermost=True)
        try:
            self._publisher.started(self._job.id)
            if is_cancelled(self._publisher, self._job.id):
                stop()
        except BaseException as error:
            self.__exit__(type(error), error, error.__traceback__)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        job = self._job
        leave(job.id)
        if error is None and isinstance(self.result, Retry):
            if job.number_of_retries and job.number_of_retries >= self.result.max:
                self._publisher.failed(job.id)
            else:
                self._publisher.retried(job.id)
        elif error is None:
            self._publisher.completed(job.id)
        elif isinstance(error, JobCancelled):
            job.retries_left = 0
        elif isinstance(error, Exception):
            _fail(self._publisher, job, error)


def exception_handler(publisher: Publisher) -> Callable[..., bool]:
    """Return an exception handler for a worker: ``Worker(..., exception_handlers=[...])``.

    It publishes what the decorator cannot see: a job whose function could not be loaded, and one
    that a dead worker abandoned. A worker whose process was killed calls no handler; see
    `jobstatus.queues.reconcile`. A SpawnWorker pickles its handlers, so give it a function of a
    module that calls this one.

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
