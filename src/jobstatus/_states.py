"""The five states of a job, and the names that type checkers know them by."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Literal, TypeAlias

from jobstatus._foreign import excerpt, is_a
from jobstatus.errors import InvalidValueError


class JobState(StrEnum):
    """The state of a job; its value is the string on the wire.

    Example:
        >>> JobState("queued") is JobState.QUEUED
        True
        >>> JobState.QUEUED == "queued"
        True
    """

    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


StateName: TypeAlias = Literal["queued", "processing", "completed", "failed", "cancelled"]
"""The string of a state, as the interface declares it."""

# For the phantom parameter of JobStatus: JobStatus[Queued] is a job known to be queued.
Queued: TypeAlias = Literal[JobState.QUEUED]
Processing: TypeAlias = Literal[JobState.PROCESSING]
Completed: TypeAlias = Literal[JobState.COMPLETED]
Failed: TypeAlias = Literal[JobState.FAILED]
Cancelled: TypeAlias = Literal[JobState.CANCELLED]

BY_NAME: Final = {state.value: state for state in JobState}
"""The states by their strings."""

_NAMES = ", ".join(JobState)


def parse_state(value: object) -> JobState:
    """Return the state that a member or its string names.

    Args:
        value: A `JobState`, or one of the strings of the interface, in lower case.

    Raises:
        InvalidValueError: With the code ``wrong_type`` if the value is not a string, and with
            ``unknown_state`` and the string as its ``value`` if no state has that name.

    Example:
        >>> parse_state("queued")
        <JobState.QUEUED: 'queued'>
    """
    if not is_a(value, str):
        raise InvalidValueError("wrong_type", f"expected a string, got {excerpt(value)}")
    name = str.__str__(value)  # a subclass may hash and compare as it likes
    state = BY_NAME.get(name)
    if state is None:
        raise InvalidValueError("unknown_state", f"expected {_NAMES}, got {excerpt(name)}", name)
    return state
