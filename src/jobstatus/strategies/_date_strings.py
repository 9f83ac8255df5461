"""Date strings: the spellings of an instant, and those that a reader refuses."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import cache
from typing import Final

from hypothesis import strategies as st

from jobstatus._payload import Dates
from jobstatus.errors import ProblemCode
from jobstatus.strategies._values import dates, ids

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_OFFSETS = st.just(0) | st.sampled_from([60, 330, -480, 1439, -1439]) | st.integers(-1439, 1439)


@st.composite
def date_strings(draw: st.DrawFn, moment: datetime, policy: Dates) -> str:
    """Draw a string that a reader with this policy takes for this instant."""
    utc, ahead = moment.replace(tzinfo=None), draw(_OFFSETS)
    try:
        local = utc + ahead * _MINUTE
    except OverflowError:
        local, ahead = utc, 0
    clock = draw(_clocks(local))
    # The midnight that ends the day before.
    day = local - _DAY if clock.startswith("24") else local
    form = _ecmascript if policy == "ecmascript" else _iso8601
    return draw(form(day, clock, ahead))


@st.composite
def _clocks(draw: st.DrawFn, local: datetime) -> str:
    """Draw a time of day of 1 to 9 digits of the fraction, or none, or without seconds."""
    hour = local.hour
    digits = f"{local.microsecond // 1000:03}"
    if local.time() == time.min and local.toordinal() > 1 and draw(st.booleans()):
        hour = 24
    least = len(digits.rstrip("0"))
    length = draw(st.sampled_from([*range(least, 10)]))
    if length > len(digits):
        # What comes after the milliseconds is dropped, but 24:00 has nothing after it.
        more = "0" if hour == 24 else "0123456789"  # noqa: PLR2004 - a clock's
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
    """Draw a form of ECMA-262's Date Time String Format, with an instant for every engine."""
    year, month, date = f"{day.year:04}", f"-{day.month:02}", f"-{day.day:02}"
    text = draw(st.sampled_from([year, f"+00{year}"]))
    if day.day > 1 or draw(st.booleans()):
        text += month + date
    elif day.month > 1 or draw(st.booleans()):
        text += month
    if not ahead and not clock.strip("0:.") and draw(st.booleans()):
        return text  # a date alone is midnight in UTC
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
    separator = draw(st.sampled_from("T "))
    return f"{text}{separator}{draw(st.sampled_from(times))}{draw(st.sampled_from(offsets))}"


# What a moment is written as, and what a reader says of it under each policy: None if it reads it.
_REFUSED: Final[tuple[tuple[str, ProblemCode | None, ProblemCode | None], ...]] = (
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
def refused_date_strings(policy: Dates) -> st.SearchStrategy[tuple[str, ProblemCode]]:
    """Return a strategy for strings that a reader with this policy refuses, and its codes."""
    rows: list[tuple[str, ProblemCode]] = []
    for form, *codes in _REFUSED:
        if code := codes[policy == "iso8601"]:
            rows.append((form, code))
    written = st.tuples(st.sampled_from(rows), dates()).map(_written)
    # No date of any kind begins so.
    return written | ids().map(lambda text: (f"x{text}", "invalid_date"))


def _written(drawn: tuple[tuple[str, ProblemCode], datetime]) -> tuple[str, ProblemCode]:
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
