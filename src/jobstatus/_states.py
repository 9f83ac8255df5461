"""The five states of a job, as an enum and as types for type checkers.

Example:
    >>> JobState("queued") is JobState.QUEUED
    True
    >>> JobState.QUEUED == "queued"
    True
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Literal, TypeAlias


class JobState(StrEnum):
    # Pydantic, FastAPI, Litestar and msgspec publish this docstring in their users' API documents.
    # So it has no example.
    """The state of a job; its value is the string on the wire."""

    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


StateName: TypeAlias = Literal["queued", "processing", "completed", "failed", "cancelled"]
"""The string of a state, as the interface declares it."""

# Type arguments for JobStatus: type checkers know that a JobStatus[Queued] is queued.
Queued: TypeAlias = Literal[JobState.QUEUED]
Processing: TypeAlias = Literal[JobState.PROCESSING]
Completed: TypeAlias = Literal[JobState.COMPLETED]
Failed: TypeAlias = Literal[JobState.FAILED]
Cancelled: TypeAlias = Literal[JobState.CANCELLED]

BY_NAME: Final = {state.value: state for state in JobState}
"""The states by their strings."""
