"""The rules for values that some producers send instead of the interface's.

Each rule also accepts the interface's values. `dates` has the rules for dates.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from jobstatus._states import JobState
from jobstatus._untrusted import as_float, as_str, excerpt
from jobstatus._wire._json import NUMBER
from jobstatus.errors import Fault, ProblemCode
from jobstatus.lifecycle import Check
from jobstatus.validators import check_progress, check_state, check_text, progress_fault

MAX_SAFE_INTEGER: Final = 2**53 - 1
"""``Number.MAX_SAFE_INTEGER`` (ECMA-262): larger integers may have been rounded."""

_NUMBER: Final = re.compile(NUMBER)
_EXPECTED_ID: Final = f"a string or an integer from -{MAX_SAFE_INTEGER} to {MAX_SAFE_INTEGER}"


def check_id(value: object) -> str | Fault:
    """Return a text, or an integer as JavaScript's ``String`` writes it, or a Fault."""
    if as_str(value) is not None:
        return check_text(value)
    code: ProblemCode = "wrong_type"
    if (number := as_float(value)) is not None:
        if number.is_integer() and abs(number) <= MAX_SAFE_INTEGER:
            return str(int(number))
        code = "out_of_range"
    return Fault((code, f"expected {_EXPECTED_ID}, got {excerpt(value)}", None))


def check_numeric_text(value: object) -> float | Fault:
    """Return a progress, also from a string that is exactly one JSON number, or a Fault."""
    text = as_str(value)
    if text is None or not _NUMBER.fullmatch(text):
        return check_progress(value)
    result = check_progress(float(text))
    return progress_fault("out_of_range", text) if isinstance(result, Fault) else result


def make_check_state(states: Mapping[Any, JobState]) -> Check:
    """Return a rule that also reads other names of states."""

    def check(value: object) -> JobState | Fault:
        state = states.get(check_text(value))  # a Fault is no name
        return check_state(value) if state is None else state

    return check
