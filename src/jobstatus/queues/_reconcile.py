"""Asking a queue about the jobs that a store believes unfinished."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from jobstatus._states import JobState
from jobstatus._status import JobStatus
from jobstatus._untrusted import excerpt
from jobstatus.errors import IllegalTransitionError, OvertakenError, UnknownJobError
from jobstatus.stores import Store, Stored


def reconcile(
    store: Store,
    look: Callable[[str], JobStatus[Any]],
    *,
    unchanged_for: timedelta = timedelta(minutes=1),
) -> list[JobStatus]:
    """Ask the queue about each unfinished job, take over the outcomes, and return those jobs.

    Hooks miss some ends: a worker that was killed, a task that was revoked while it waited. Run
    this every few minutes. Any number of processes may do so at once.

    Args:
        store: The store.
        look: A function that returns the status of a job in the queue, such as
            ``lambda id: of_celery(app.AsyncResult(id))``. It may raise `UnknownJobError`; the job
            is left as it is then.
        unchanged_for: How long a job must have been unchanged, so that its hooks have had time.

    Raises:
        StoreError: If the database fails.
        ValueError: If the function returns another job.
    """
    ended: list[JobStatus] = []
    for stored in store.unfinished(unchanged_for=unchanged_for):
        with suppress(IllegalTransitionError, OvertakenError, UnknownJobError):
            found = look(name := stored.job.id)
            if found.id != name:
                raise ValueError(f"id: expected the id {excerpt(name)}, got {excerpt(found.id)}")
            if found.status in store.lifecycle.terminal | {JobState.FAILED}:
                ended.append(_take_over(store, stored, found))
    return ended


def _take_over(store: Store, stored: Stored, found: JobStatus[Any]) -> JobStatus:
    version, job = stored
    if found.status is JobState.COMPLETED and job.status is not JobState.PROCESSING:
        # The hook of its start was missed, too.
        job = job.transition_to(JobState.PROCESSING, lifecycle=store.lifecycle)
        version = store.compare_and_set(version, job)
    outcome = (
        job.transition_to(found.status, lifecycle=store.lifecycle)
        if found.status is JobState.COMPLETED
        else job.transition_to(
            found.status, lifecycle=store.lifecycle, error=found.error or "Error"
        )
    )
    store.compare_and_set(version, outcome)
    return outcome
