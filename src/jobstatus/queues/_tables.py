"""The states of job queues, and the states of the interface for them.

The tables are data: ``docs/queues.md`` prints them. A test compares each with the queue's own list.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from jobstatus._states import JobState
from jobstatus._untrusted import excerpt
from jobstatus.errors import InvalidValueError, alternatives
from jobstatus.lifecycle import Lifecycle

Native: TypeAlias = JobState | Literal["waiting"]
"""A state, or waiting before or after an attempt."""
Table: TypeAlias = Mapping[str, Native]

CELERY: Final[Table] = MappingProxyType(
    {
        "PENDING": JobState.QUEUED,
        "RECEIVED": JobState.QUEUED,
        "REJECTED": JobState.QUEUED,
        "STARTED": JobState.PROCESSING,
        "RETRY": "waiting",
        "SUCCESS": JobState.COMPLETED,
        "FAILURE": JobState.FAILED,
        "REVOKED": JobState.CANCELLED,
    }
)
"""The states of Celery. Any other state is one of the task's own, and means processing."""

RQ: Final[Table] = MappingProxyType(
    {
        "created": "waiting",
        "queued": "waiting",
        "deferred": "waiting",
        "scheduled": "waiting",
        "rate_limited": "waiting",
        "ready_to_enqueue": "waiting",
        "started": JobState.PROCESSING,
        "finished": JobState.COMPLETED,
        "failed": JobState.FAILED,
        "stopped": JobState.CANCELLED,
        "canceled": JobState.CANCELLED,
    }
)
"""The states of RQ."""

BULLMQ: Final[Table] = MappingProxyType(
    {
        "waiting": "waiting",
        "prioritized": "waiting",
        "delayed": "waiting",
        "waiting-children": "waiting",
        "paused": "waiting",
        "active": JobState.PROCESSING,
        "completed": JobState.COMPLETED,
        "failed": JobState.FAILED,
    }
)
"""The states of BullMQ."""


def row_of(table: Table, name: str) -> Native:
    """Return the row of a native state.

    Raises:
        InvalidValueError: With the code ``unknown_state`` if the table has no such row. A newer
            version of the queue may have more states.
    """
    try:
        return table[name]
    except KeyError:
        message = f"state of the queue: expected {alternatives(table)}, got {excerpt(name)}"
        raise InvalidValueError("unknown_state", message, name) from None


def state_of(native: Native, lifecycle: Lifecycle, *, is_attempted: bool) -> JobState:
    """Return the state of a job.

    A job that waits before its first attempt is queued. Between attempts, it is queued if the
    lifecycle allows that, and otherwise still processing.
    """
    if native == "waiting":
        is_processing = is_attempted and not lifecycle.allows("processing", "queued")
        return JobState.PROCESSING if is_processing else JobState.QUEUED
    return native
