"""The Python side of the TypeScript JobStatus contract."""

import sys as _sys
from typing import TYPE_CHECKING

from jobstatus._in_state import in_state
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
from jobstatus._wire import Payload
from jobstatus.codec import TOLERANT, Codec
from jobstatus.errors import (
    ConflictingOutcomesError,
    DecodeError,
    IllegalTransitionError,
    InvalidJobStatusError,
    InvalidValueError,
    JobExistsError,
    JobStatusError,
    OvertakenError,
    Problem,
    StoreError,
    UnknownJobError,
)
from jobstatus.lifecycle import RETRYING, STANDARD, Lifecycle

if TYPE_CHECKING:
    from jobstatus._cattrs import make_converter, register_hooks

__all__ = [
    "RETRYING",
    "STANDARD",
    "TOLERANT",
    "Cancelled",
    "Codec",
    "Completed",
    "ConflictingOutcomesError",
    "DecodeError",
    "Failed",
    "IllegalTransitionError",
    "InvalidJobStatusError",
    "InvalidValueError",
    "JobExistsError",
    "JobState",
    "JobStatus",
    "JobStatusError",
    "Lifecycle",
    "OvertakenError",
    "Payload",
    "Problem",
    "Processing",
    "Queued",
    "StateName",
    "StoreError",
    "UnknownJobError",
    "in_state",
    "make_converter",
    "register_hooks",
]


def __getattr__(name: str) -> object:
    # Imported lazily, because cattrs takes longer to import than the rest of the package.
    if name in {"make_converter", "register_hooks"}:
        from jobstatus import _cattrs

        return vars(_cattrs)[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__


# Hypothesis loads its plugins on import. If that came first, the types are registered only now.
if (
    _plugin := _sys.modules.get("_jobstatus_hypothesis")
) is not None:  # pragma: no branch - tests/test_plugin.py covers both branches in subprocesses
    _plugin.register()
