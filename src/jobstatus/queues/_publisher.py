"""Publishing what a queue does with a job to a store."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, final

from attrs import NOTHING, NothingType

from jobstatus._states import JobState
from jobstatus._status import JobStatus
from jobstatus.errors import IllegalTransitionError, JobExistsError, JobStatusError, UnknownJobError
from jobstatus.stores import Store, Stored
from jobstatus.stores._progress import ErrorText, public_text

LOGGER: Final = logging.getLogger("jobstatus.queues")


@final
class Publisher:
    """Writes the steps of a queue's jobs into a store.

    The hooks of a queue come late, twice and out of order. So a step that the lifecycle does not
    allow is dropped, and logged once by the logger ``jobstatus.queues``. A step that was missed is
    added: a job that completes was started. A job that the store does not know is created.

    Args:
        store: The store. Under a lifecycle in which a job may be queued again, such as
            `jobstatus.RETRYING`, a job that waits for another attempt is queued. Otherwise it is
            still processing.
        errors: A function that returns the error text for an exception. By default it is the name
            of the exception's type, and the text of a `jobstatus.stores.JobError`: other texts may
            contain keys, paths or SQL.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> from jobstatus.stores import SqliteStore
        >>> with TemporaryDirectory() as folder, SqliteStore(f"{folder}/jobs.sqlite") as store:
        ...     publisher = Publisher(store)
        ...     publisher.completed("job-42")
        ...     [change.job.status.value for change in store.history("job-42")]
        ['queued', 'processing', 'completed']
    """

    def __init__(self, store: Store, *, errors: ErrorText | None = None) -> None:
        self._store, self._errors = store, errors

    @property
    def store(self) -> Store:
        """The store."""
        return self._store

    def queued(self, id: str) -> None:
        """Create a job. If it has failed and may be retried, queue it again."""
        try:
            self._store.create(JobStatus.queued(id))
        except JobExistsError:
            if self._status(id) is JobState.FAILED:
                self.retried(id)

    def started(self, id: str) -> None:
        """A worker has taken the job."""
        self._publish(id, "started", _start(self._store))

    def retried(self, id: str) -> None:
        """An attempt has failed, and the queue will make another one."""
        lifecycle = self._store.lifecycle

        def retry(job: JobStatus) -> JobStatus[Any]:
            if job.status is JobState.QUEUED:
                return job
            if job.status in lifecycle.terminal or lifecycle.allows(job.status, JobState.QUEUED):
                return job.transition_to(JobState.QUEUED, lifecycle=lifecycle)
            return job

        self._publish(id, "retried", retry)

    def completed(self, id: str) -> None:
        """The work is done."""
        self._end(id, "completed", lambda job: job.complete())

    def failed(self, id: str, error: BaseException | None = None) -> None:
        """The work went wrong, and the queue will not try it again."""
        text = "Error" if error is None else public_text(error, self._errors)
        self._end(id, "failed", lambda job: job.fail(text))

    def cancelled(self, id: str, reason: str | None = None) -> None:
        """Nobody wants the job any more."""
        self._end(id, "cancelled", lambda job: job.cancel(reason))

    def report(
        self,
        id: str,
        progress: float,
        *,
        estimated_completion: datetime | NothingType | None = NOTHING,
    ) -> Stored:
        """Write a progress, and an estimate.

        Raises:
            IllegalTransitionError: If the job has ended, for example because it was cancelled. Stop
                the work then.
            InvalidJobStatusError: If a value is invalid.
            StoreError: If the database fails.
            UnknownJobError: If the store does not have the job any more.
        """
        return self._store.apply(
            id,
            lambda job: job.update(progress=progress, estimated_completion=estimated_completion),
        )

    def _end(self, id: str, step: str, function: Callable[[JobStatus], JobStatus[Any]]) -> None:
        def end(job: JobStatus) -> JobStatus[Any]:
            if job.status.value == step:
                return job  # it came twice
            return function(job)

        if step == "completed" and self._may_start(self._status(id)):
            self.started(id)
        self._publish(id, step, end)

    def _may_start(self, status: JobState | None) -> bool:
        return status is None or self._store.lifecycle.allows(status, JobState.PROCESSING)

    def _status(self, id: str) -> JobState | None:
        try:
            return self._store.get(id).status
        except UnknownJobError:
            return None

    def _publish(self, id: str, step: str, function: Callable[[JobStatus], JobStatus[Any]]) -> None:
        try:
            try:
                self._store.apply(id, function)
            except UnknownJobError:
                self.queued(id)
                self._store.apply(id, function)
        except IllegalTransitionError as error:
            log_dropped(step, error)


def log_dropped(step: str, error: JobStatusError) -> None:
    """Log a step that came too late."""
    LOGGER.info("dropped the step %r: %s", step, error)


def _start(store: Store) -> Callable[[JobStatus], JobStatus[Any]]:
    def start(job: JobStatus) -> JobStatus[Any]:
        if job.status is JobState.PROCESSING:
            return job
        return job.transition_to(JobState.PROCESSING, lifecycle=store.lifecycle)

    return start
