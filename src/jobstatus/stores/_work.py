"""The work on one job: it starts, reports progress, and completes or fails the job."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sized
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Final, Self, TypeAlias, TypeVar, final

from attrs import NOTHING, NothingType

from jobstatus._status import JobStatus
from jobstatus._untrusted import as_str, excerpt
from jobstatus.errors import OvertakenError, StoreError
from jobstatus.stores._records import Stored, Version
from jobstatus.validators import MAX_PROGRESS

T = TypeVar("T")
ErrorText: TypeAlias = Callable[[BaseException], str]

_LEAST_PROGRESS: Final = 5.0
_LONGEST: Final = timedelta(days=30)


class JobError(Exception):
    """An error whose text may reach the clients of a job. Raise it inside `Store.work`.

    Example:
        >>> raise JobError("no such bucket")
        Traceback (most recent call last):
        ...
        jobstatus.stores._work.JobError: no such bucket
    """


@final
class Work:
    """The work on one job, as `Store.work` returns it.

    Entering the context starts the job. Leaving it completes the job, or fails it if an exception
    was raised, which passes through. If somebody else cancelled or took over the job, nothing is
    written any more, and `OvertakenError` is raised, unless another exception already is.

    An exception that is not an `Exception`, such as KeyboardInterrupt or SystemExit, leaves the job
    processing: the worker is stopped, and another one can take the job over.
    """

    def __init__(
        self,
        begin: Callable[[], Stored],
        write: Callable[[Version, JobStatus[Any]], Version],
        beat: Callable[[Version], None],
        *,
        estimate: bool,
        errors: ErrorText | None,
    ) -> None:
        self._begin, self._write, self._beat = begin, write, beat
        self._estimate, self._errors = estimate, errors
        self._stored: Stored | None = None
        self._began = self._base = 0.0

    def __enter__(self) -> Self:
        self._stored = stored = self._begin()
        self._began, self._base = time.monotonic(), stored.job.progress or 0.0
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None:
            self._set(self.job.complete())
        elif isinstance(error, Exception) and not isinstance(error, OvertakenError):
            try:
                self._set(self.job.fail(self._text(error)))
            except OvertakenError:
                pass  # the exception that is raised says more
            except StoreError as failure:
                error.add_note(f"the job {excerpt(self.job.id)} is still processing: {failure}")

    @property
    def job(self) -> JobStatus[Any]:
        """The job as this work last wrote it."""
        return self._current().job

    def _current(self) -> Stored:
        if self._stored is None:
            raise RuntimeError("the work has not begun: enter its context first")
        return self._stored

    def _set(self, job: JobStatus[Any]) -> None:
        version = self._write(self._current().version, job)
        self._stored = Stored(version, job)

    def report(
        self,
        progress: float,
        *,
        estimated_completion: datetime | NothingType | None = NOTHING,
    ) -> None:
        """Write a new progress, and an estimate.

        Args:
            progress: From 0 to 100.
            estimated_completion: An aware datetime, or None for absent. If it is not given, it is
                calculated from the progress since the start, unless the work has
                ``estimate=False``. It stays absent below 5 percent, and beyond 30 days.

        Raises:
            InvalidJobStatusError: If a value is invalid.
            OvertakenError: If somebody else changed the job.
            StoreError: If the database fails.
        """
        job = self.job.update(progress=progress, estimated_completion=estimated_completion)
        if estimated_completion is NOTHING and self._estimate:
            job = job.update(estimated_completion=self._estimated(job.progress or 0.0))
        self._set(job)

    def _estimated(self, progress: float) -> datetime | None:
        done = progress - self._base
        if progress < _LEAST_PROGRESS or done <= 0:
            return None
        seconds = (time.monotonic() - self._began) / done * (MAX_PROGRESS - progress)
        if seconds > _LONGEST.total_seconds():
            return None
        return datetime.now(UTC) + timedelta(seconds=seconds)

    def track(self, items: Iterable[T], *, total: int | None = None) -> Iterator[T]:
        """Yield the items, and report progress each time that a whole percent is done.

        Args:
            items: Any iterable.
            total: The number of items; by default their ``len``.

        Raises:
            OvertakenError: If somebody else changed the job.
            StoreError: If the database fails.
            TypeError: If the items have no ``len`` and no total is given.
        """
        if total is None:
            if not isinstance(items, Sized):
                got = excerpt(items)
                raise TypeError(f"total: expected a number for items without len, got {got}")
            total = len(items)
        return self._track(items, total)

    def _track(self, items: Iterable[T], total: int) -> Iterator[T]:
        last = 0
        for done, item in enumerate(items, start=1):
            yield item
            percent = min(done * 100 // total, 100) if total > 0 else 100
            if percent > last:
                last = percent
                self.report(percent)

    def beat(self) -> None:
        """Say that the worker is alive, without a new version.

        `Store.unfinished` then finds the job later.

        Raises:
            OvertakenError: If somebody else changed the job.
            StoreError: If the database fails.
        """
        self._beat(self._current().version)

    def _text(self, error: Exception) -> str:
        """Return one line for clients. The text of most exceptions is not for them."""
        name = type(error).__name__
        try:
            text = str(error) if self._errors is None else self._errors(error)
        except Exception:  # noqa: BLE001 - any function or exception of the user
            return name
        if self._errors is None and not isinstance(error, JobError):
            return name
        line = " ".join((as_str(text) or "").split())
        return line or name
