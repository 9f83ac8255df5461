"""The job of the task that is running here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from datetime import datetime
from typing import NoReturn, TypeAlias, TypeVar, final

from attrs import NOTHING, NothingType

from jobstatus.errors import IllegalTransitionError, UnknownJobError
from jobstatus.queues._publisher import Publisher
from jobstatus.stores import _progress

T = TypeVar("T")
Stop: TypeAlias = Callable[[], NoReturn]
"""Raises what ends a task without another attempt."""


@final
class Task:
    """A task that is running, and the one that runs around it."""

    def __init__(self, publisher: Publisher, id: str, stop: Stop) -> None:
        self.publisher, self.id, self.stop = publisher, id, stop
        self.outer = _running.get()
        self.estimator = _progress.Estimator(0)


_running: ContextVar[Task | None] = ContextVar("jobstatus.queues", default=None)


def enter(publisher: Publisher, id: str, stop: Stop) -> None:
    """Make a job the current one."""
    _running.set(Task(publisher, id, stop))


def leave(id: str) -> None:
    """Make the outer job the current one again."""
    task = _running.get()
    if task is not None and task.id == id:
        _running.set(task.outer)


def report(
    progress: float, *, estimated_completion: datetime | NothingType | None = NOTHING
) -> None:
    """Write the progress of the task that is running here.

    If its job was cancelled meanwhile, this raises an exception that stops the task, and that its
    queue does not retry. Let it pass.

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
    except (IllegalTransitionError, UnknownJobError):
        task.stop()


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
