"""Strategies of jobs, of their payloads, and of payloads that a reader must reject."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from math import nextafter
from typing import Any, NamedTuple, TypeAlias, final, get_args

import attrs
from attrs import NOTHING
from hypothesis import strategies as st

from jobstatus._fields import KEYS, OPTIONAL
from jobstatus._states import JobState, StateName
from jobstatus._status import JobStatus
from jobstatus._untrusted import MAX_EXCERPT, printable
from jobstatus._wire import MAX_SAFE_INTEGER, Payload
from jobstatus.codec import DEFAULT, Codec
from jobstatus.errors import ProblemCode, escape_token
from jobstatus.strategies import _values
from jobstatus.validators import parse_state

Texts: TypeAlias = st.SearchStrategy[str]
OptionalTexts: TypeAlias = st.SearchStrategy[str | None]
OptionalNumbers: TypeAlias = st.SearchStrategy[float | None]
OptionalDates: TypeAlias = st.SearchStrategy[datetime | None]


@final
@attrs.frozen(eq=False)
class Fields:
    """Strategies of the id and, by name, of the optional fields. They draw None for absent."""

    ids: Texts
    optional: Mapping[str, st.SearchStrategy[Any]]


@lru_cache(maxsize=64)  # Hypothesis validates a new strategy again at each draw
def fields_of(
    ids: Texts | None = None,
    progress_values: OptionalNumbers | None = None,
    dates: OptionalDates | None = None,
    error_texts: OptionalTexts | None = None,
) -> Fields:
    """Return the strategies of the fields; by default, a field draws every legal value."""
    optional: dict[str, tuple[st.SearchStrategy[Any] | None, st.SearchStrategy[Any]]] = {
        "progress": (progress_values, _values.progress_values()),
        "estimated_completion": (dates, _values.dates()),
        "error": (error_texts, _values.error_texts()),
    }
    return Fields(
        _values.ids() if ids is None else ids,
        {
            name: st.none() | anything if given is None else given
            for name, (given, anything) in optional.items()
        },
    )


@st.composite
def job_statuses(
    draw: st.DrawFn,
    *,
    states: Collection[JobState | StateName] | None = None,
    ids: Texts | None = None,
    progress_values: OptionalNumbers | None = None,
    dates: OptionalDates | None = None,
    error_texts: OptionalTexts | None = None,
) -> JobStatus:
    """Draw every legal JobStatus.

    The fields are independent, as on the wire: a queued job may carry an error. Use `histories` to
    draw the successive snapshots of one job. ``st.from_type(JobStatus)`` is this strategy, and
    ``st.from_type(JobStatus[Queued])`` draws queued jobs.

    Args:
        states: The states to draw from; by default all.
        ids: The strategy of the id; by default `ids`.
        progress_values: The strategy of the progress, with None for absent; by default None or
            `progress_values`.
        dates: The strategy of the estimated completion, with None for absent; by default None or
            `dates`.
        error_texts: The strategy of the error, with None for absent; by default None or
            `error_texts`.

    Raises:
        InvalidValueError: If ``states`` names an unknown state.

    Among them:
        - every state with every subset of the optional fields
        - an id with lone surrogates
        - an error with lone surrogates
        - an empty error
        - progress 0
        - a date at an end of the range

    Example:
        >>> from hypothesis import find
        >>> find(job_statuses(states=["failed"], ids=st.just("a")), lambda job: job.error)
        JobStatus('a', 'failed', error='0')
    """
    chosen = set(JobState) if states is None else set(map(parse_state, states))
    fields = fields_of(ids, progress_values, dates, error_texts)
    # In the order of the enum, because Hypothesis shrinks towards the first element.
    return draw_job(draw, fields, fields.ids, [state for state in JobState if state in chosen])


def draw_job(draw: st.DrawFn, fields: Fields, ids: Texts, states: Sequence[JobState]) -> JobStatus:
    """Draw a job in one of these states."""
    optional = {name: draw(values) for name, values in fields.optional.items()}
    return JobStatus(draw(ids), draw(st.sampled_from(states)), **optional)


ANY_JOBS = job_statuses()


@st.composite
def payloads(draw: st.DrawFn, *, jobs: st.SearchStrategy[JobStatus] | None = None) -> Payload:
    """Draw valid payloads: dicts as `JobStatus.to_payload` returns them.

    Args:
        jobs: The strategy of their jobs; by default `job_statuses`.

    Among them:
        - every state with every subset of the optional keys
        - progress as an int
        - progress as a float

    Example:
        >>> from hypothesis import find
        >>> find(payloads(), lambda payload: "progress" in payload)
        {'id': '', 'status': 'queued', 'progress': 0}
    """
    return draw(ANY_JOBS if jobs is None else jobs).to_payload()


def from_type(type_: Any) -> st.SearchStrategy[JobStatus]:
    """Return the strategy of ``st.from_type`` for JobStatus, with or without its parameter."""
    return job_statuses(states=_states(type_) or None)


def _states(type_: Any) -> list[JobState]:
    return [
        state
        for argument in get_args(type_)
        for state in ([argument] if isinstance(argument, JobState) else _states(argument))
    ]


Member: TypeAlias = tuple[str, object]

NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
_OPTIONAL_KEYS = tuple(field.key for field in OPTIONAL)
_NEAR_KEYS = ("ID", "Status", "estimated_completion", "progress ", "__proto__", "a/b", "m~n", "")
_UNKNOWN_KEYS = st.sampled_from(_NEAR_KEYS) | _values.ids().filter(lambda key: key not in KEYS)
_SCALARS = st.none() | st.booleans() | st.integers() | st.floats(-1e9, 1e9) | st.text(max_size=8)
_CONTAINERS = st.lists(_SCALARS, max_size=2) | st.dictionaries(
    st.text(max_size=4), _SCALARS, max_size=2
)


@lru_cache(maxsize=64)
def ignored_members(present: frozenset[str], codec: Codec) -> st.SearchStrategy[list[Member]]:
    """Return a strategy for members that a reader with this policy ignores."""
    ignored: list[st.SearchStrategy[Member]] = [
        st.tuples(st.just(key), st.none())
        for key in _OPTIONAL_KEYS
        if key not in present and codec.null == "absent"
    ]
    if codec.unknown_keys == "ignore":
        ignored.append(st.tuples(_UNKNOWN_KEYS, any_values(codec)))
    return st.lists(st.one_of(ignored), max_size=2 if ignored else 0)


@lru_cache(maxsize=64)
def kept_members(codec: Codec) -> st.SearchStrategy[dict[str, object]]:
    """Return a strategy for members that a reader with this policy keeps."""
    return st.dictionaries(_UNKNOWN_KEYS, any_values(codec), max_size=2)


@lru_cache(maxsize=64)
def any_values(codec: Codec) -> st.SearchStrategy[object]:
    """Return a strategy for JSON values that fit into an object under this policy."""
    return _SCALARS | _containers(codec)


def _containers(codec: Codec) -> st.SearchStrategy[object]:
    """Return a strategy for arrays and objects that fit into an object under this policy."""
    return _CONTAINERS if codec.max_depth > 1 else st.nothing()


ReportedProblem: TypeAlias = tuple[str, ProblemCode]
"""The pointer and the code of a problem."""

_Fault: TypeAlias = tuple[object, ProblemCode]


class InvalidPayload(NamedTuple):
    """An invalid payload and its problems.

    Attributes:
        payload: A dict as a JSON parser returns it.
        problems: The pointer and the code of each problem that a reader must report, and no others.
    """

    payload: dict[str, object]
    problems: frozenset[ReportedProblem]


# A composite, not a map: Hypothesis would merge the alternatives of a map with the other faults.
@st.composite
def _fault(draw: st.DrawFn, code: ProblemCode, values: st.SearchStrategy[object]) -> _Fault:
    return draw(values), code


_NUMERIC = st.sampled_from(["40", "1e1", "33.30", "-0"])
_NOT_NUMERIC = st.sampled_from(["", "0x28", "NaN", " 40", "+40", "40%", "1e", ".5", "1_0"])
_MISSING = _fault("missing", st.just(NOTHING))
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
_UNKNOWN_STATES = st.sampled_from(_NEAR_STATES) | _values.ids().filter(
    lambda text: text not in list(JobState)
)
_TOO_LARGE = st.floats(nextafter(100, 101), allow_infinity=False) | st.integers(101)
_TOO_SMALL = st.floats(max_value=-5e-324, allow_infinity=False) | st.integers(max_value=-1)
_NOT_IDS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).filter(lambda n: not n.is_integer()),
    st.integers(MAX_SAFE_INTEGER + 1),
    st.integers(max_value=-MAX_SAFE_INTEGER - 1),
)
_NO_DATES = st.integers(253_402_300_800_000) | st.integers(max_value=-62_135_596_800_001)
_EDGES = st.sampled_from([nextafter(100, 101), nextafter(0, -1), 10**400, -(10**400)])
_OUT_OF_RANGE = _TOO_LARGE | _TOO_SMALL | _EDGES
_OUT_OF_RANGE_TEXTS = st.sampled_from(["101", "-1", "100.00000000000001", "1e400"])
_LONG_KEYS = st.text("k~/", min_size=MAX_EXCERPT + 1, max_size=MAX_EXCERPT + 20)


@lru_cache(maxsize=64)
def _faults(key: str, codec: Codec) -> st.SearchStrategy[_Fault]:
    nested = _containers(codec)
    neither = st.booleans() | nested  # neither a string nor a number
    not_strings = neither | NUMBERS
    match key:
        case "id" if codec.ids == "number":
            wrong = _fault("wrong_type", st.none() | neither)
            return _MISSING | wrong | _fault("out_of_range", _NOT_IDS)
        case "id":
            return _MISSING | _fault("wrong_type", st.none() | not_strings)
        case "status":
            names = {name for name, _ in codec.states}
            unknown = _UNKNOWN_STATES.filter(lambda name: name not in names)
            wrong = _fault("wrong_type", st.none() | not_strings)
            return _MISSING | wrong | _fault("unknown_state", unknown)
        case "progress" if codec.numbers == "text":
            invalid = _fault("wrong_type", neither | _NOT_NUMERIC)
            invalid |= _fault("out_of_range", _OUT_OF_RANGE | _OUT_OF_RANGE_TEXTS)
        case "progress":
            invalid = _fault("wrong_type", neither | _NUMERIC | _NOT_NUMERIC)
            invalid |= _fault("out_of_range", _OUT_OF_RANGE)
        case "estimatedCompletion" if codec.dates == "milliseconds":
            invalid = _fault("wrong_type", neither) | _fault("out_of_range", _NO_DATES)
            invalid |= _values.invalid_date_strings(codec.dates)
        case "estimatedCompletion":
            invalid = _fault("wrong_type", not_strings) | _values.invalid_date_strings(codec.dates)
        case _:
            invalid = _fault("wrong_type", not_strings)
    return invalid | _fault("null", st.none()) if codec.null == "reject" else invalid


@st.composite
def invalid_payloads(
    draw: st.DrawFn, *, jobs: st.SearchStrategy[JobStatus] | None = None, codec: Codec = DEFAULT
) -> InvalidPayload:
    """Draw payloads with one or more faults, and every problem that a reader must report.

    Args:
        jobs: The strategy of the jobs to damage; by default `job_statuses`.
        codec: The policy of the reader. What one of its options allows is not a fault. For example,
            with ``null="absent"``, null for an optional key is none. With
            ``unknown_keys="reject"``, an unknown key is a fault. The problems are all of them, also
            those beyond ``max_problems``.

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
        - an unknown status
        - a status in upper case
        - a date as a number
        - a date without an offset
        - a date that does not exist
        - a date in another format
        - a date before year 1 or after year 9999
        - faults beside unknown keys, which are ignored

    Example:
        >>> from hypothesis import find
        >>> jobs = st.just(JobStatus("a", "queued"))
        >>> invalid = find(invalid_payloads(jobs=jobs), lambda invalid: len(invalid.payload) == 1)
        >>> invalid.payload, invalid.problems
        ({'status': 'queued'}, frozenset({('/id', 'missing')}))
    """
    job = draw(ANY_JOBS if jobs is None else jobs)
    payload: dict[str, object] = dict(attrs.evolve(job, extra=None).to_payload())
    problems: set[ReportedProblem] = set()
    kinds = ["id", "status", *_OPTIONAL_KEYS]
    if codec.unknown_keys == "reject":
        kinds.append("unknown key")
    for kind in draw(st.lists(st.sampled_from(kinds), min_size=1, unique=True)):
        if kind == "unknown key":
            key = draw(_UNKNOWN_KEYS | _LONG_KEYS)
            payload[key] = draw(any_values(codec))
            is_quoted = len(printable(key)) <= MAX_EXCERPT
            problems.add((f"/{escape_token(key)}" if is_quoted else "", "unknown_key"))
            continue
        value, code = draw(_faults(kind, codec))
        problems.add((f"/{kind}", code))
        payload[kind] = value
    payload = {key: value for key, value in payload.items() if value is not NOTHING}
    ignored: dict[str, object] = dict(draw(ignored_members(frozenset(payload), codec)))
    if codec.unknown_keys == "keep":
        ignored |= draw(kept_members(codec))
    return InvalidPayload(ignored | payload, frozenset(problems))
