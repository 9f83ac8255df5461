"""What a step does to the fields: one row for each state that may be entered."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final

import attrs

from jobstatus._foreign import excerpt
from jobstatus._states import JobState
from jobstatus.errors import InvalidValueError


class Effect(Enum):
    """What entering a state does to a field."""

    KEEP = "as it was"
    SET = "as given, else as it was"
    TAKE = "as given, else absent"
    NEED = "as given, and it must be given"
    FULL = "100"
    CLEAR = "absent"

    def apply(self, before: object, given: object) -> object:
        """Return what the field holds after the step.

        Args:
            before: What it held.
            given: What the step was given for it; `attrs.NOTHING` if nothing.

        Raises:
            InvalidValueError: With the code ``not_settable`` for a value that the step does not
                take, and ``missing`` for none where it needs one.

        Example:
            >>> Effect.SET.apply(12.5, attrs.NOTHING)
            12.5
        """
        if given is not attrs.NOTHING and self not in SETTABLE:
            message = f"expected nothing, for the step leaves {self.value}, got {excerpt(given)}"
            raise InvalidValueError("not_settable", message)
        match self:
            case Effect.FULL:
                return 100.0
            case Effect.CLEAR:
                return None
            case Effect.NEED if given is None or given is attrs.NOTHING:
                raise InvalidValueError("missing", "expected a string, got nothing")
            case Effect.TAKE if given is attrs.NOTHING:
                return None
            case Effect.KEEP | Effect.SET if given is attrs.NOTHING:
                return before
            case _:
                return given


SETTABLE: Final = frozenset({Effect.SET, Effect.TAKE, Effect.NEED})
"""The effects that a step may be given a value for."""

EFFECTS: Final[Mapping[JobState, Mapping[str, Effect]]] = MappingProxyType(
    {
        state: MappingProxyType(
            {"progress": progress, "estimated_completion": estimate, "error": error}
        )
        for state, progress, estimate, error in (
            (JobState.QUEUED, Effect.CLEAR, Effect.CLEAR, Effect.CLEAR),
            (JobState.PROCESSING, Effect.SET, Effect.SET, Effect.CLEAR),
            (JobState.COMPLETED, Effect.FULL, Effect.CLEAR, Effect.CLEAR),
            (JobState.FAILED, Effect.KEEP, Effect.CLEAR, Effect.NEED),
            (JobState.CANCELLED, Effect.KEEP, Effect.CLEAR, Effect.TAKE),
        )
    }
)
"""What a step does to each field, by the state that it enters."""
