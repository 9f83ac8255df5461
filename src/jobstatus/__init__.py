"""The Python side of the TypeScript JobStatus contract."""

from jobstatus._payload import Payload, register_hooks
from jobstatus._states import (
    Cancelled,
    Completed,
    Failed,
    JobState,
    Processing,
    Queued,
    StateName,
)
from jobstatus._status import JobStatus, in_state
from jobstatus.codec import Codec
from jobstatus.errors import (
    ConflictingOutcomesError,
    DecodeError,
    IllegalTransitionError,
    InvalidJobStatusError,
    InvalidValueError,
    JobStatusError,
    Problem,
)
from jobstatus.lifecycle import RETRYING, STANDARD, Lifecycle

__all__ = [
    "RETRYING",
    "STANDARD",
    "Cancelled",
    "Codec",
    "Completed",
    "ConflictingOutcomesError",
    "DecodeError",
    "Failed",
    "IllegalTransitionError",
    "InvalidJobStatusError",
    "InvalidValueError",
    "JobState",
    "JobStatus",
    "JobStatusError",
    "Lifecycle",
    "Payload",
    "Problem",
    "Processing",
    "Queued",
    "StateName",
    "in_state",
    "register_hooks",
]


def __dir__() -> list[str]:
    return __all__
