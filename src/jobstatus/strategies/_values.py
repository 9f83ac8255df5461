"""Strategies of field values, and of date strings that a reader accepts or rejects."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from functools import cache
from math import copysign, nextafter
from typing import Final

from hypothesis import strategies as st

from jobstatus._states import JobState
from jobstatus.codec import Dates
from jobstatus.dates import normalize_date, time_value
from jobstatus.errors import ProblemCode
from jobstatus.validators import MAX_PROGRESS, MIN_PROGRESS, parse_progress, parse_text

# Lists of these characters complement st.text(), which never draws surrogates. st.text() also
# flattens an alphabet of several strategies, which would make the rare characters rare again.
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
    st.integers(int(MIN_PROGRESS), int(MAX_PROGRESS)).map(float),
    st.floats(MIN_PROGRESS, MAX_PROGRESS),
    st.sampled_from(_UGLY),
    st.sampled_from([MIN_PROGRESS, MAX_PROGRESS]),
).map(parse_progress)
_states: st.SearchStrategy[JobState] = st.sampled_from(JobState)
_MIN_DATE = datetime(1, 1, 1, tzinfo=UTC)
_MAX_DATE = datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)
_MIDNIGHT = time(tzinfo=UTC)
_moments = st.datetimes(timezones=st.just(UTC)).map(normalize_date)
_midnights = st.dates().map(lambda day: datetime.combine(day, _MIDNIGHT))
_dates: st.SearchStrategy[datetime] = st.one_of(
    _moments,
    _moments.map(lambda moment: moment.replace(microsecond=0)),
    _midnights,
    _midnights.map(lambda moment: moment.replace(day=1)),
    _midnights.map(lambda moment: moment.replace(month=1, day=1)),
    st.sampled_from([_MIN_DATE, _MAX_DATE]),
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

    If your ids follow a stricter format, pass your own strategy to `job_statuses`, such as
    ``ids=st.uuids().map(str)``.

    Among them:
        - the empty string
        - ASCII letters and digits alone
        - quotes, backslashes or slashes
        - control characters
        - line separators, which JSON does not escape
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
    r"""Draw values of ``error``: any text, as `ids` draws it.

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
    """Draw values of ``progress``: floats from 0 to 100.

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
    """Draw values of ``estimated_completion``: UTC, in whole milliseconds.

    Among them:
        - the first millisecond of year 1
        - the last millisecond of year 9999
        - before 1970
        - years below 1000
        - midnight
        - midnight of the first day of a month
        - midnight of 1 January
        - whole seconds other than midnight
        - milliseconds that are not a multiple of ten

    Example:
        >>> from hypothesis import find
        >>> find(dates(), lambda moment: 0 < moment.microsecond < 900_000)
        datetime.datetime(2000, 1, 1, 0, 0, 0, 1000, tzinfo=datetime.timezone.utc)
    """
    return draw(_dates)


# Minutes ahead of UTC.
_MAX_OFFSET: Final = 24 * 60 - 1
_OFFSETS = st.one_of(
    st.just(0),
    st.sampled_from([60, 330, -480, _MAX_OFFSET, -_MAX_OFFSET]),
    st.integers(-_MAX_OFFSET, _MAX_OFFSET),
)


@st.composite
def date_strings(draw: st.DrawFn, moment: datetime, policy: Dates) -> str:
    """Draw a string that a reader with this policy reads as this instant."""
    utc, ahead = moment.replace(tzinfo=None), draw(_OFFSETS)
    try:
        local = utc + timedelta(minutes=ahead)
    except OverflowError:
        local, ahead = utc, 0
    clock = draw(_clocks(local))
    # 24:00 is the midnight that ends the day before.
    day = local - timedelta(days=1) if clock.startswith("24") else local
    return draw(st.sampled_from(_FORMS[policy]).flatmap(lambda form: form(day, clock, ahead)))


@st.composite
def _clocks(draw: st.DrawFn, local: datetime) -> str:
    """Draw a time of day, without seconds or with a fraction of up to 9 digits."""
    hour = local.hour
    digits = f"{local.microsecond // 1000:03}"
    if local.time() == time.min and local.toordinal() > 1 and draw(st.booleans()):
        hour = 24
    min_length = len(digits.rstrip("0"))
    length = draw(st.sampled_from([*range(min_length, 10)]))
    if length > len(digits):
        # A reader truncates to milliseconds, but 24:00 is valid only with zeros.
        more = "0" if hour == 24 else "0123456789"  # noqa: PLR2004 - an hour
        digits += draw(st.text(more, min_size=length - 3, max_size=length - 3))
    minutes = f"{hour:02}:{local.minute:02}"
    if length:
        return f"{minutes}:{local.second:02}.{digits[:length]}"
    return minutes if not local.second and draw(st.booleans()) else f"{minutes}:{local.second:02}"


def _offset(ahead: int, colon: str = ":") -> str:
    hours, minutes = divmod(abs(ahead), 60)
    return f"{'-' if ahead < 0 else '+'}{hours:02}{colon}{minutes:02}"


@st.composite
def _ecmascript(draw: st.DrawFn, day: datetime, clock: str, ahead: int) -> str:
    """Draw a form of ECMA-262's Date Time String Format that every engine reads as one instant."""
    year, month, date = f"{day.year:04}", f"-{day.month:02}", f"-{day.day:02}"
    text = draw(st.sampled_from([year, f"+00{year}"]))
    if day.day > 1 or draw(st.booleans()):
        text += month + date
    elif day.month > 1 or draw(st.booleans()):
        text += month
    if not ahead and not clock.strip("0:.") and draw(st.booleans()):
        return text  # a date without a time is midnight in UTC
    offset = draw(st.sampled_from(["Z", "+00:00", "-00:00"])) if not ahead else _offset(ahead)
    return f"{text}T{clock}{offset}"


@st.composite
def _iso8601(draw: st.DrawFn, day: datetime, clock: str, ahead: int) -> str:
    """Draw a form that `dateutil.parser.isoparse` reads."""
    year, week, weekday = day.isocalendar()
    date, ordinal = day.isoformat()[:10], f"{day.year:04}-{day.timetuple().tm_yday:03}"
    text = draw(st.sampled_from([date, f"{year:04}-W{week:02}-{weekday}", ordinal]))
    text = draw(st.sampled_from([text, text.replace("-", "")]))
    times = [clock, clock.replace(":", ""), clock.replace(".", ",")]
    if clock.endswith(":00") and len(clock) == len("00:00"):
        times.append(clock.removesuffix(":00"))
    offsets = [_offset(ahead), _offset(ahead, "")]
    if not ahead % 60:
        offsets.append(_offset(ahead)[:3])
    if not ahead:
        offsets[:0] = ["Z"]
    # python-dateutil 2.9 does not read a blank after YYYYDDD.
    separator = "T" if len(text) == len("YYYYDDD") else draw(st.sampled_from("T "))
    return f"{text}{separator}{draw(st.sampled_from(times))}{draw(st.sampled_from(offsets))}"


@st.composite
def milliseconds(draw: st.DrawFn, moment: datetime) -> float:
    """Draw a number that ``new Date`` turns into this instant."""
    number = time_value(moment)
    return number + copysign(0.5, number) if draw(st.booleans()) else number


_FORMS: Final[Mapping[Dates, Sequence[Callable[[datetime, str, int], st.SearchStrategy[str]]]]] = {
    "ecmascript": [_ecmascript],
    "iso8601": [_iso8601],
    "any": [_ecmascript, _iso8601],
    "milliseconds": [_ecmascript, _iso8601],
}

# Each row is a form, and the codes with which the policies "ecmascript" and "iso8601" reject it.
# None means that the policy accepts the form.
_INVALID_FORMS: Final[tuple[tuple[str, ProblemCode | None, ProblemCode | None], ...]] = (
    ("{date}T{time}", "no_offset", "no_offset"),
    ("{date}T{time}.{fraction}", "no_offset", "no_offset"),
    ("{date}T{minutes}", "no_offset", "no_offset"),
    ("{date}", None, "no_offset"),
    ("{year}", None, "no_offset"),
    ("{year}T{time}", "no_offset", "invalid_date"),
    ("{basic}", "invalid_date", "no_offset"),
    ("{basic}T{time}Z", "invalid_date", None),
    ("{date}T{time}+0530", "invalid_date", None),
    ("{date}T{time}-05", "invalid_date", None),
    ("{date}T{time},{fraction}Z", "invalid_date", None),
    ("{date}T{time}.{fraction}0000000Z", "invalid_date", None),
    ("{date} {time}Z", "invalid_date", None),
    ("{date}t{time}Z", "invalid_date", None),
    ("{date}T{time}z", "invalid_date", None),
    ("{year}-W01-1T{time}Z", "invalid_date", None),
    ("{year}-001T{time}Z", "invalid_date", None),
    ("+00{date}T{time}Z", None, "invalid_date"),
    ("-000000-01-01T{time}Z", "invalid_date", "invalid_date"),
    ("{date}T{time}+24:00", "invalid_date", "invalid_date"),
    ("{date}T{time}-00:60", "invalid_date", "invalid_date"),
    ("{date}T{time}.Z", "invalid_date", "invalid_date"),
    ("{date}T{time}Z\0", "invalid_date", "invalid_date"),
    ("{date}T{time}Z\n", "invalid_date", "invalid_date"),
    (" {date}T{time}Z", "invalid_date", "invalid_date"),
    ("{date}T{minutes}:60Z", "invalid_date", "invalid_date"),
    ("{date}T25:00Z", "invalid_date", "invalid_date"),
    ("{date}T24:00:01Z", "invalid_date", "invalid_date"),
    ("{date}T{time} GMT", "invalid_date", "invalid_date"),
    ("{year}-00-01T{time}Z", "invalid_date", "invalid_date"),
    ("{year}-13-01T{time}Z", "invalid_date", "invalid_date"),
    ("{year}-02-30T{time}Z", "invalid_date", "invalid_date"),
    ("{year}-04-31T{time}Z", "invalid_date", "invalid_date"),
    ("Mon, 23 Nov {year} {time} GMT", "invalid_date", "invalid_date"),
    ("1763908800{fraction}", "invalid_date", "invalid_date"),
    ("", "invalid_date", "invalid_date"),
    ("0000-01-01T{time}Z", "out_of_range", "invalid_date"),
    ("-000001-01-01T{time}Z", "out_of_range", "invalid_date"),
    ("+010000-01-01T{time}Z", "out_of_range", "invalid_date"),
    ("+275760-09-13T00:00:00.000Z", "out_of_range", "invalid_date"),
    ("0001-01-01T00:00:00.000+00:01", "out_of_range", "out_of_range"),
    ("9999-12-31T23:59:59.999-00:01", "out_of_range", "out_of_range"),
    ("9999-12-31T24:00Z", "out_of_range", "out_of_range"),
)


@cache
def invalid_date_strings(policy: Dates) -> st.SearchStrategy[tuple[str, ProblemCode]]:
    """Return a strategy for strings that a reader with this policy rejects, each with the code."""
    rows: list[tuple[str, ProblemCode]] = []
    for form, ecmascript, iso8601 in _INVALID_FORMS:
        match policy:
            case "ecmascript":
                code = ecmascript
            case "iso8601":
                code = iso8601
            case _:  # both formats
                code = iso8601 if ecmascript == "invalid_date" else ecmascript
        if code:
            rows.append((form, code))
    written = st.tuples(st.sampled_from(rows), dates()).map(_fill_in)
    # No date format starts with an x.
    return written | ids().map(lambda text: (f"x{text}", "invalid_date"))


def _fill_in(drawn: tuple[tuple[str, ProblemCode], datetime]) -> tuple[str, ProblemCode]:
    (form, code), moment = drawn
    date, _, clock = moment.isoformat(timespec="milliseconds").partition("T")
    text = form.format(
        date=date,
        year=date[:4],
        basic=date.replace("-", ""),
        time=clock[:8],
        minutes=clock[:5],
        fraction=clock[9:12],
    )
    return text, code
