"""in_state: narrow the type of a job to one or more states."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, TypeGuard, overload

from jobstatus._states import (
    Cancelled,
    Completed,
    Failed,
    JobState,
    Processing,
    Queued,
    StateName,
)
from jobstatus._status import JobStatus
from jobstatus.errors import require_job
from jobstatus.validators import parse_state

# A checker accepts a string where it accepts the state. The names are private, because they are
# shorter forms of Literal types and not states that a JobStatus can have.
_QueuedName: TypeAlias = Queued | Literal["queued"]
_ProcessingName: TypeAlias = Processing | Literal["processing"]
_CompletedName: TypeAlias = Completed | Literal["completed"]
_FailedName: TypeAlias = Failed | Literal["failed"]
_CancelledName: TypeAlias = Cancelled | Literal["cancelled"]


@overload
def in_state(job: JobStatus[Any], *states: _QueuedName) -> TypeGuard[JobStatus[Queued]]: ...
@overload
def in_state(job: JobStatus[Any], *states: _ProcessingName) -> TypeGuard[JobStatus[Processing]]: ...
@overload
def in_state(job: JobStatus[Any], *states: _CompletedName) -> TypeGuard[JobStatus[Completed]]: ...
@overload
def in_state(job: JobStatus[Any], *states: _FailedName) -> TypeGuard[JobStatus[Failed]]: ...
@overload
def in_state(job: JobStatus[Any], *states: _CancelledName) -> TypeGuard[JobStatus[Cancelled]]: ...
@overload
def in_state(
    job: JobStatus[Any], *states: _QueuedName | _ProcessingName
) -> TypeGuard[JobStatus[Queued | Processing]]: ...
@overload
def in_state(
    job: JobStatus[Any], *states: _CompletedName | _FailedName | _CancelledName
) -> TypeGuard[JobStatus[Completed | Failed | Cancelled]]: ...
@overload
def in_state(job: JobStatus[Any], *states: JobState | StateName) -> bool: ...
def in_state(job: JobStatus[Any], *states: JobState | StateName) -> bool:
    """Return whether a job is in one of the given states; type checkers then narrow its type.

    They narrow it for any single state, for queued and processing together, and for the three
    terminal states together.

    Raises:
        InvalidValueError: If an argument is not a state.

    Example:
        >>> job = JobStatus.from_json('{"id": "job-42", "status": "processing"}')
        >>> if in_state(job, "processing"):
        ...     job = job.complete()
        >>> job.status
        <JobState.COMPLETED: 'completed'>
    """
    require_job(job)
    return job.status in {parse_state(state) for state in states}
