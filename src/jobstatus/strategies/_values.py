"""Strategies of what the fields of a job hold."""

from __future__ import annotations

from datetime import UTC, datetime, time
from math import nextafter

from hypothesis import strategies as st

from jobstatus._scalars import parse_progress, parse_text
from jobstatus._states import JobState
from jobstatus.dates import normalize_date

# Beside st.text(), which is fast, lists: it has no surrogates, and makes of an alphabet of several
# strategies one in which the rare characters are rare again.
_characters = st.one_of(
    st.characters(),
    st.sampled_from('"\\/\b\f\n\r\t\0\x1f\x7f\u2028\u2029\ufeff'),
    st.sampled_from("\ud800\udbff\udc00\udfff"),
    st.characters(min_codepoint=0x10000),
)
_texts = st.text() | st.lists(_characters).map("".join).map(parse_text)
_UGLY = (
    *(33.333333333333336, 0.1 + 0.2, nextafter(100, 0), 100 / 3 * 2, 1e-5, 1.1e-6, 99.99),
    *(5e-324, 1e-7, 2.2250738585072014e-308, nextafter(1e-6, 0)),
)
_progress_values = st.one_of(
    st.integers(0, 100).map(float),
    st.floats(0, 100),
    st.sampled_from(_UGLY),
    st.sampled_from([0.0, 100.0]),
).map(parse_progress)
_states: st.SearchStrategy[JobState] = st.sampled_from(JobState)
_FIRST = datetime(1, 1, 1, tzinfo=UTC)
_LAST = datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)
_MIDNIGHT = time(tzinfo=UTC)
_moments = st.datetimes(timezones=st.just(UTC)).map(normalize_date)
_midnights = st.dates().map(lambda day: datetime.combine(day, _MIDNIGHT))
_dates: st.SearchStrategy[datetime] = st.one_of(
    _moments,
    _moments.map(lambda moment: moment.replace(microsecond=0)),
    _midnights,
    _midnights.map(lambda moment: moment.replace(day=1)),
    _midnights.map(lambda moment: moment.replace(month=1, day=1)),
    st.sampled_from([_FIRST, _LAST]),
)


@st.composite
def states(draw: st.DrawFn) -> JobState:
    """Draw states.

    Among them:
        - every state

    Example:
        >>> from hypothesis import find
        >>> find(states(), lambda state: state.startswith("c"))
        <JobState.COMPLETED: 'completed'>
    """
    return draw(_states)


@st.composite
def ids(draw: st.DrawFn) -> str:
    """Draw ids: any text that the wire can carry.

    For less, give `job_statuses` a strategy of your own, as ``ids=st.uuids().map(str)``.

    Among them:
        - the empty string
        - ASCII letters and digits alone
        - quotes, backslashes or slashes
        - control characters
        - line separators, which JavaScript knows and JSON does not escape
        - characters beyond the Basic Multilingual Plane
        - lone surrogates

    Example:
        >>> from hypothesis import find
        >>> find(ids(), lambda id: len(id) == 2)
        '00'
    """
    return draw(_texts)


@st.composite
def error_texts(draw: st.DrawFn) -> str:
    r"""Draw what ``error`` holds: any text, as `ids` draws it.

    Among them:
        - the empty string
        - more than one line
        - lone surrogates

    Example:
        >>> from hypothesis import find
        >>> find(error_texts(), lambda error: "\n" in error)
        '\n'
    """
    return draw(_texts)


@st.composite
def progress_values(draw: st.DrawFn) -> float:
    """Draw what ``progress`` holds: floats from 0 to 100.

    Among them:
        - 0
        - 100
        - whole numbers between them
        - numbers below 1e-6, which ECMAScript writes with an exponent
        - numbers that need 15 digits or more

    Example:
        >>> from hypothesis import find
        >>> find(progress_values(), lambda progress: progress != 0)
        1.0
    """
    return draw(_progress_values)


@st.composite
def dates(draw: st.DrawFn) -> datetime:
    """Draw what ``estimated_completion`` holds: UTC, in whole milliseconds.

    Among them:
        - the first millisecond of year 1
        - the last millisecond of year 9999
        - before 1970
        - years below 1000
        - midnight
        - midnight of the first day of a month
        - midnight of 1 January
        - whole seconds other than midnight
        - milliseconds that are no multiple of ten

    Example:
        >>> from hypothesis import find
        >>> find(dates(), lambda moment: 0 < moment.microsecond < 900_000)
        datetime.datetime(2000, 1, 1, 0, 0, 0, 1000, tzinfo=datetime.timezone.utc)
    """
    return draw(_dates)
