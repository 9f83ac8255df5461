"""The work on one job: it starts, reports progress, and completes or fails the job."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from types import TracebackType
from typing import Any, Self, TypeVar, final

from attrs import NOTHING, NothingType

from jobstatus._status import JobStatus
from jobstatus._untrusted import excerpt
from jobstatus.errors import OvertakenError, StoreError
from jobstatus.stores._progress import ErrorText, Estimator, public_text, track
from jobstatus.stores._records import Stored, Version

T = TypeVar("T")


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
        self._estimator = Estimator(0)

    def __enter__(self) -> Self:
        self._stored = self._begin()
        self._estimator = Estimator(self._stored.job.progress)
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
                self._set(self.job.fail(public_text(error, self._errors)))
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
            estimate = self._estimator.estimate(job.progress or 0.0)
            job = job.update(estimated_completion=estimate)
        self._set(job)

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
        return track(items, total, self.report)

    def beat(self) -> None:
        """Say that the worker is alive, without a new version.

        `Store.unfinished` then finds the job later.

        Raises:
            OvertakenError: If somebody else changed the job.
            StoreError: If the database fails.
        """
        self._beat(self._current().version)
