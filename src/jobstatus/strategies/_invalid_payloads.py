"""Strategies of what a reader must refuse, each with all that it must report."""

from __future__ import annotations

from functools import lru_cache
from math import nextafter
from typing import Final, NamedTuple, TypeAlias

from attrs import NOTHING
from hypothesis import strategies as st

from jobstatus._foreign import printable
from jobstatus._states import JobState
from jobstatus._status import JobStatus
from jobstatus.codec import Codec
from jobstatus.errors import ProblemCode
from jobstatus.strategies._date_strings import refused_date_strings
from jobstatus.strategies._documents import (
    OPTIONAL_KEYS,
    STRICT,
    any_values,
    containers,
    harmless_members,
    unknown_keys,
)
from jobstatus.strategies._jobs import ANY_JOBS
from jobstatus.strategies._values import ids

ReportedProblem: TypeAlias = tuple[str, ProblemCode]
"""The pointer and the code of a problem."""

_Fault: TypeAlias = tuple[object, ProblemCode]


class InvalidPayload(NamedTuple):
    """A payload, and what is wrong with it.

    Attributes:
        payload: A dict as a JSON parser gives it.
        problems: The pointer and the code of each problem that a reader must report, and no others.
    """

    payload: dict[str, object]
    problems: frozenset[ReportedProblem]


# No map, whose alternatives Hypothesis would take for some of the fault's own.
@st.composite
def _of(draw: st.DrawFn, code: ProblemCode, values: st.SearchStrategy[object]) -> _Fault:
    return draw(values), code


NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
_NUMERIC = st.sampled_from(["40", "", "0x28", "NaN", "1e1"])
_MISSING = _of("missing", st.just(NOTHING))
_NEAR_STATES = (
    "Queued",
    "QUEUED",
    "FAILED",
    "canceled",
    "cancelling",
    " queued",
    "queued\n",
    "",
    "done",
)
_UNKNOWN_STATES = st.sampled_from(_NEAR_STATES) | ids().filter(
    lambda text: text not in list(JobState)
)
_TOO_LARGE = st.floats(nextafter(100, 101), allow_infinity=False) | st.integers(101)
_TOO_SMALL = st.floats(max_value=-5e-324, allow_infinity=False) | st.integers(max_value=-1)
_EDGES = st.sampled_from([nextafter(100, 101), nextafter(0, -1), 10**400, -(10**400)])
_OUT_OF_RANGE = _TOO_LARGE | _TOO_SMALL | _EDGES
_LONG_KEYS = st.text("k~/", min_size=81, max_size=100)
_KEY_LIMIT: Final = 80


@lru_cache(maxsize=64)
def _faults(key: str, codec: Codec) -> st.SearchStrategy[_Fault]:
    nested = containers(codec)
    no_strings = st.booleans() | NUMBERS | nested
    match key:
        case "id":
            return _MISSING | _of("wrong_type", st.none() | no_strings)
        case "status":
            refused = _of("wrong_type", st.none() | no_strings)
            return _MISSING | refused | _of("unknown_state", _UNKNOWN_STATES)
        case "progress":
            refused = _of("wrong_type", st.booleans() | _NUMERIC | nested)
            refused |= _of("out_of_range", _OUT_OF_RANGE)
        case "estimatedCompletion":
            refused = _of("wrong_type", no_strings) | refused_date_strings(codec.dates)
        case _:
            refused = _of("wrong_type", no_strings)
    return refused | _of("null", st.none()) if codec.null == "reject" else refused


@st.composite
def invalid_payloads(
    draw: st.DrawFn, *, jobs: st.SearchStrategy[JobStatus] | None = None, codec: Codec = STRICT
) -> InvalidPayload:
    """Draw payloads with one or more faults, and all that a reader must report.

    Args:
        jobs: The jobs to spoil; `job_statuses` if not given.
        codec: The policy of the reader. With ``null="absent"`` a null for an optional key is no
            fault, with ``unknown_keys="reject"`` an unknown key is one, and with
            ``dates="iso8601"`` other dates are refused.

    Among them:
        - one fault
        - a fault in every field
        - a required key that is missing
        - null for a required key
        - null for an optional key
        - a value of another type
        - a numeric string for progress
        - a bool for progress
        - a progress just above 100
        - a progress just below 0
        - a progress beyond the doubles
        - a status that is none of the five
        - a status in upper case
        - a date as a number
        - a date without an offset
        - a date that does not exist
        - a date in another format
        - a date before year 1 or after year 9999
        - faults beside unknown keys, which are none

    Example:
        >>> from hypothesis import find
        >>> jobs = st.just(JobStatus("a", "queued"))
        >>> invalid = find(invalid_payloads(jobs=jobs), lambda invalid: len(invalid.payload) == 1)
        >>> invalid.payload, invalid.problems
        ({'status': 'queued'}, frozenset({('/id', 'missing')}))
    """
    job = draw(ANY_JOBS if jobs is None else jobs)
    payload: dict[str, object] = dict(job.to_payload())
    problems: set[ReportedProblem] = set()
    kinds = ["id", "status", *OPTIONAL_KEYS]
    if codec.unknown_keys == "reject":
        kinds.append("unknown key")
    for kind in draw(st.lists(st.sampled_from(kinds), min_size=1, unique=True)):
        if kind == "unknown key":
            key = draw(unknown_keys | _LONG_KEYS)
            payload[key] = draw(any_values(codec))
            token = key.replace("~", "~0").replace("/", "~1")
            problems.add((f"/{token}" if len(printable(key)) <= _KEY_LIMIT else "", "unknown_key"))
            continue
        value, code = draw(_faults(kind, codec))
        problems.add((f"/{kind}", code))
        payload[kind] = value
    payload = {key: value for key, value in payload.items() if value is not NOTHING}
    harmless = dict(draw(harmless_members(frozenset(payload), codec)))
    return InvalidPayload(harmless | payload, frozenset(problems))
