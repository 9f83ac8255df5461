"""Find the latest of several snapshots of a job, in any order."""

from __future__ import annotations

from functools import reduce
from typing import Any

from jobstatus._fields import extra_of
from jobstatus._status import JobStatus
from jobstatus._untrusted import excerpt
from jobstatus.errors import ConflictingOutcomesError, InvalidValueError, require_job
from jobstatus.lifecycle import STANDARD


def merge(first: JobStatus[Any], /, *others: JobStatus[Any]) -> JobStatus:
    """Return the latest of several snapshots of one job, given in any order.

    The state that comes later in `jobstatus.STANDARD` wins. If the states are equal, the greater
    progress wins, then the later estimate, then the greater error text by code points, then the
    greater extra members. An absent field is less than any value. The result is one of the
    snapshots.

    `merge` is commutative, associative and idempotent: it is the join of a semilattice. You may
    merge snapshots in any order, in any groups and more than once, so any stream or batch engine
    can use it as a reducer. `merge` supports only `STANDARD`. If a job can be retried, a snapshot
    does not show which attempt it belongs to.

    Args:
        first: A snapshot.
        others: More snapshots of the same job.

    Raises:
        ConflictingOutcomesError: If two snapshots have different outcomes. An update was lost, so
            neither is the latest.
        InvalidValueError: With the code ``mixed_jobs`` if the snapshots are not of one job.
        TypeError: If an argument is not a JobStatus.

    Example:
        >>> job = JobStatus.queued("job-42").start()
        >>> merge(job.update(progress=80), job, job.update(progress=40))
        JobStatus('job-42', 'processing', progress=80.0)
        >>> merge(job.cancel(), job.complete())
        Traceback (most recent call last):
        ...
        jobstatus.errors.ConflictingOutcomesError: status: expected one outcome for job ...
    """
    return reduce(_later, others, _later(first, first))


def _later(a: JobStatus, b: JobStatus) -> JobStatus:
    require_job(b)  # `a` needs no check: it was the `b` of an earlier call
    if a.id != b.id:
        message = f"id: expected snapshots of one job, got {excerpt(a.id)} and {excerpt(b.id)}"
        raise InvalidValueError("mixed_jobs", message)
    if a.status is b.status:
        return max(a, b, key=_sort_key)
    if STANDARD.reaches(a.status, b.status):
        return b
    if STANDARD.reaches(b.status, a.status):
        return a
    raise ConflictingOutcomesError(a, b)


def _sort_key(job: JobStatus) -> tuple[object, ...]:
    """Return the sort key of snapshots of one job in the same state."""
    extra = extra_of(job)
    members = None if extra is None else extra.sort_key()
    optional = (job.progress, job.estimated_completion, job.error, members)
    # An absent field sorts before any value. The flag avoids comparing None with a value.
    return tuple((value is not None, value) for value in optional)
