"""The progress of a loop, the estimate from it, and the error text for clients."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sized
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias, TypeVar, final

from jobstatus._untrusted import as_str, excerpt
from jobstatus.validators import MAX_PROGRESS

E = TypeVar("E")
N = TypeVar("N", str, str | None)
T = TypeVar("T")
ErrorText: TypeAlias = Callable[[BaseException], str]

_LEAST_PROGRESS: Final = 5.0
_LONGEST: Final = timedelta(days=30)


class JobError(Exception):
    """An error whose text may reach the clients of a job. Raise it inside `Store.work` or a task.

    Example:
        >>> print(JobError("no such bucket"))
        no such bucket
    """


@final
class Estimator:
    """Estimates when a job completes: linearly, from the progress since now."""

    def __init__(self, progress: float | None) -> None:
        self._began, self._base = time.monotonic(), progress or 0.0

    def estimate(self, progress: float) -> datetime | None:
        """Return the estimate, or None below 5 percent and beyond 30 days."""
        done = progress - self._base
        if progress < _LEAST_PROGRESS or done <= 0:
            return None
        seconds = (time.monotonic() - self._began) / done * (MAX_PROGRESS - progress)
        if seconds > _LONGEST.total_seconds():
            return None
        return datetime.now(UTC) + timedelta(seconds=seconds)


def track(items: Iterable[T], total: int | None, report: Callable[[float], object]) -> Iterator[T]:
    """Yield the items, and report each time that a whole percent is done.

    Raises:
        TypeError: If the items have no ``len`` and no total is given.
    """
    if total is None:
        if not isinstance(items, Sized):
            got = excerpt(items)
            raise TypeError(f"total: expected a number for items without len, got {got}")
        total = len(items)
    return _track(items, total, report)


def _track(items: Iterable[T], total: int, report: Callable[[float], object]) -> Iterator[T]:
    last = 0
    for done, item in enumerate(items, start=1):
        yield item
        percent = min(done * 100 // total, 100) if total > 0 else 100
        if percent > last:
            last = percent
            report(percent)


def public_text(error: BaseException, errors: ErrorText | None) -> str:
    """Return one line for clients: the text of a JobError, or what `errors` returns.

    Otherwise it is the name of the type, because other texts may contain keys, paths or SQL.
    """
    name = type(error).__name__
    if errors is None and not isinstance(error, JobError):
        return name
    return chosen_text(str if errors is None else errors, error, name)


def chosen_text(errors: Callable[[E], str], error: E, name: N) -> str | N:
    """Return one line that a function of the user makes of an error, or a name if it fails."""
    try:
        text = errors(error)
    except Exception:  # noqa: BLE001 - any function or exception of the user
        return name
    return " ".join((as_str(text) or "").split()) or name
