"""The job of the task that is running here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from datetime import datetime
from typing import NoReturn, TypeAlias, TypeVar, final

from attrs import NOTHING, NothingType

from jobstatus._states import JobState
from jobstatus.errors import IllegalTransitionError, UnknownJobError
from jobstatus.queues._publisher import Publisher, log_dropped
from jobstatus.stores import _progress

T = TypeVar("T")
Stop: TypeAlias = Callable[[], NoReturn]
"""Raises what ends a task without another attempt."""


@final
class Task:
    """A task that is running, and the one that runs around it."""

    def __init__(self, publisher: Publisher, id: str, stop: Stop, outer: Task | None) -> None:
        self.publisher, self.id, self.stop, self.outer = publisher, id, stop, outer
        self.estimator = _progress.Estimator(0)


_running: ContextVar[Task | None] = ContextVar("jobstatus.queues", default=None)


def enter(publisher: Publisher, id: str, stop: Stop, *, is_outermost: bool = False) -> None:
    """Make a job the current one. Do it before anything that may fail."""
    _running.set(Task(publisher, id, stop, None if is_outermost else _running.get()))


def is_current(id: str) -> bool:
    """Return whether a job is the current one."""
    task = _running.get()
    return task is not None and task.id == id


def leave(id: str) -> None:
    """Make the outer job the current one again."""
    task = _running.get()
    if task is not None and task.id == id:
        _running.set(task.outer)


class JobCancelled(Exception):  # noqa: N818 - what happened, not an error of the job
    """Ends a task of RQ or Dramatiq whose job was cancelled. The queue does not retry it."""


def stop() -> NoReturn:
    """End a task of RQ or Dramatiq."""
    raise JobCancelled("the job was cancelled")


def is_cancelled(publisher: Publisher, id: str) -> bool:
    """Return whether the store has a job, and it was cancelled."""
    try:
        return publisher.store.get(id).status is JobState.CANCELLED
    except UnknownJobError:
        return False


def report(
    progress: float, *, estimated_completion: datetime | NothingType | None = NOTHING
) -> None:
    """Write the progress of the task that is running here.

    If its job was cancelled meanwhile, this raises an exception that stops the task, and that its
    queue does not retry. Let it pass. If the job has ended otherwise, the report is dropped, and
    logged by the logger ``jobstatus.queues``.

    Args:
        progress: From 0 to 100.
        estimated_completion: An aware datetime, or None for absent. If it is not given, it is
            calculated from the progress since the start. It stays absent below 5 percent, and
            beyond 30 days.

    Raises:
        InvalidJobStatusError: If a value is invalid.
        RuntimeError: If no task of a connected queue is running here. A thread that a task starts
            needs its context: ``Thread(target=copy_context().run, args=(work,))``.
        StoreError: If the database fails.
    """
    task = _running.get()
    if task is None:
        raise RuntimeError(
            "no task of a connected queue is running here; a thread that a task starts needs "
            "contextvars.copy_context().run"
        )
    if estimated_completion is NOTHING:
        estimated_completion = task.estimator.estimate(progress)
    try:
        task.publisher.report(task.id, progress, estimated_completion=estimated_completion)
    except IllegalTransitionError as error:
        if error.job.status is JobState.CANCELLED:
            task.stop()
        log_dropped("report", error)
    except UnknownJobError as error:  # it was removed, or its start could not be published
        log_dropped("report", error)


def track(items: Iterable[T], *, total: int | None = None) -> Iterator[T]:
    """Yield the items, and report each time that a whole percent is done.

    Args:
        items: Any iterable.
        total: The number of items; by default their ``len``.

    Raises:
        TypeError: If the items have no ``len`` and no total is given.

    The other exceptions are those of `report`.
    """
    return _progress.track(items, total, report)
