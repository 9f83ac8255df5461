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
from jobstatus.queues._publisher import LOGGER
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
            is left as it is then. Other exceptions are logged by ``jobstatus.queues``.
        unchanged_for: How long a job must have been unchanged, so that its hooks have had time.

    Raises:
        StoreError: If the database fails.
        ValueError: If the function returns another job.
    """
    ended: list[JobStatus] = []
    for stored in store.unfinished(unchanged_for=unchanged_for):
        found = _look(look, stored.job.id)
        if found is not None and found.status in store.lifecycle.terminal | {JobState.FAILED}:
            with suppress(IllegalTransitionError, OvertakenError):  # somebody was faster
                ended.append(_take_over(store, stored, found))
    return ended


def _look(look: Callable[[str], JobStatus[Any]], id: str) -> JobStatus[Any] | None:
    try:
        found = look(id)
    except UnknownJobError:
        return None
    except Exception:  # noqa: BLE001 - any function of the user
        # One job that cannot be read must not keep the others from ending.
        LOGGER.exception("the job %s cannot be read from its queue", excerpt(id))
        return None
    if found.id != id:
        raise ValueError(f"id: expected the id {excerpt(id)}, got {excerpt(found.id)}")
    return found


def _take_over(store: Store, stored: Stored, found: JobStatus[Any]) -> JobStatus:
    version, job = stored
    if found.status is JobState.COMPLETED and job.status is not JobState.PROCESSING:
        # The hook of its start was missed, too.
        job = job.transition_to(JobState.PROCESSING, lifecycle=store.lifecycle)
        version = store.compare_and_set(version, job)
    given: Any = {}
    if found.status is not JobState.COMPLETED and (found.error or found.status is JobState.FAILED):
        given = {"error": found.error or "Error"}
    outcome = job.transition_to(found.status, lifecycle=store.lifecycle, **given)
    store.compare_and_set(version, outcome)
    return outcome
