"""Convert dates between ECMAScript's strings and Python's datetimes.

On the wire, a date is the string that ``Date.prototype.toISOString`` writes. In Python, it is an
aware `datetime.datetime` in UTC with whole milliseconds, from year 1 to year 9999.
"""

from __future__ import annotations

import math
import re
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta
from functools import cache
from typing import Final, cast

from jobstatus._untrusted import as_float, as_str, excerpt, is_a
from jobstatus.errors import Fault, ProblemCode

__all__ = ["format_date", "normalize_date", "parse_date", "parse_iso8601_date"]

# ECMA-262, "Date Time String Format". It has exactly three digits in a fraction, but every engine
# reads one to nine. [0-9], because \d also matches other scripts' digits. Used with fullmatch,
# because $ also matches before a newline.
FORMAT: Final = (
    r"([0-9]{4}|[+-][0-9]{6})(?:-([0-9]{2})(?:-([0-9]{2}))?)?"
    r"(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?"
)
TWO_DIGITS: Final = tuple(f"{number:02}" for number in range(100))
THREE_DIGITS: Final = tuple(f"{number:03}" for number in range(1000))
MONTH_DAY: Final = tuple(
    tuple(f"-{month}-{day}T" for day in TWO_DIGITS[:32]) for month in TWO_DIGITS[:13]
)
HOUR_MINUTE: Final = tuple(
    tuple(f"{hour}:{minute}:" for minute in TWO_DIGITS[:60]) for hour in TWO_DIGITS[:24]
)
_EXAMPLE = "2026-11-23T14:40:00.123Z"
_IN_RANGE = "expected an instant in the years 0001 to 9999"
# Tools that freeze the clock, such as freezegun, put a subclass of datetime into every module, also
# into this one. They don't change existing instances, so type(_FIRST) stays Python's own class.
_FIRST: Final = cast(
    "type[datetime]", next(kind for kind in datetime.__mro__ if kind.__module__ == "datetime")
)(MINYEAR, 1, 1)
_EPOCH: Final = type(_FIRST)(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
read_isoformat: Final = type(_FIRST).fromisoformat
"""`datetime.datetime.fromisoformat`; returns exactly a `datetime.datetime`."""


def parse_date(text: str) -> datetime:
    """Return the instant that a date string means in every JavaScript engine and every time zone.

    It reads ECMA-262's Date Time String Format: a year, a month or a day (in UTC), or a date and
    time with ``Z`` or an offset of hours and minutes. Seconds are optional. A fraction has one to
    nine digits; those after the third are dropped. ``24:00`` is the midnight that ends the day. A
    year has four digits, or a sign and six digits.

    Args:
        text: The date string.

    Returns:
        An aware datetime in UTC with whole milliseconds.

    Raises:
        InvalidValueError: With the code ``wrong_type`` if the value is not a string;
            ``invalid_date`` if it has another format, or its day or time does not exist;
            ``no_offset`` if it has a time but no offset, because engines then use local time;
            ``out_of_range`` if the instant is outside the years 1 to 9999.

    Example:
        >>> parse_date("2026-11-23T15:40:00.123456+01:00")
        datetime.datetime(2026, 11, 23, 14, 40, 0, 123000, tzinfo=datetime.timezone.utc)
    """
    return _value_or_raise(check_date(text))


def check_date(value: object) -> datetime | Fault:  # noqa: PLR0911 - one return for each fault
    """Return the result of `parse_date`, or a Fault where it would raise."""
    text = as_str(value)
    if text is None:
        return _fault("wrong_type", "expected a string", value)
    if moment := read_utc(text):
        return moment
    match = _format().fullmatch(text)
    if match is None:
        return _fault("invalid_date", f"expected a date like {_EXAMPLE}", text)
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    if hour is not None and offset is None:
        return _fault("no_offset", f"expected a date with an offset, like {_EXAMPLE}", text)
    if year == "-000000":  # ECMA-262 allows only +000000
        return _fault("invalid_date", "expected a year other than -000000", text)
    if not MINYEAR <= int(year) <= MAXYEAR:
        return _fault("out_of_range", "expected a year from 0001 to 9999", text)
    midnight = hour == "24" and not int(minute + (second or "") + (fraction or ""))
    try:
        local = type(_FIRST)(
            int(year),
            int(month or 1),
            int(day or 1),
            0 if midnight else int(hour or 0),
            int(minute or 0),
            int(second or 0),
            int((fraction or "")[:3].ljust(3, "0")) * 1000,
        )
        ahead = _offset(offset)
    except ValueError:
        return _fault("invalid_date", "expected a day and time that exist", text)
    try:
        return (local + (timedelta(days=midnight) - ahead)).replace(tzinfo=UTC)
    except OverflowError:
        return _fault("out_of_range", _IN_RANGE, text)


def parse_iso8601_date(text: str) -> datetime:
    """Return the instant that an ISO 8601 date and time with an offset means.

    It reads every format that `dateutil.parser.isoparse` reads, if the date has an offset. These
    include basic formats, week dates, decimal commas and ``+0530``. A date without a time is
    rejected, because it has no offset.

    Args:
        text: The date string.

    Returns:
        An aware datetime in UTC with whole milliseconds.

    Raises:
        InvalidValueError: As `parse_date` does.

    Example:
        >>> parse_iso8601_date("20261123T154000,123+0100")
        datetime.datetime(2026, 11, 23, 14, 40, 0, 123000, tzinfo=datetime.timezone.utc)
    """
    return _value_or_raise(check_iso8601_date(text))


def check_iso8601_date(value: object) -> datetime | Fault:
    """Return the result of `parse_iso8601_date`, or a Fault where it would raise."""
    text = as_str(value)
    if text is None:
        return _fault("wrong_type", "expected a string", value)
    if moment := read_utc(text):
        return moment
    from dateutil.parser import isoparse

    try:
        moment = isoparse(text)
    except OverflowError:
        return _fault("out_of_range", _IN_RANGE, text)
    except ValueError:
        return _fault("invalid_date", "expected an ISO 8601 date", text)
    if moment.tzinfo is None:
        return _fault("no_offset", "expected an ISO 8601 date and time with an offset", text)
    return check_datetime(moment)


def check_any_date(value: object) -> datetime | Fault:
    """Return the instant of a string that `parse_date` or `parse_iso8601_date` reads, or a Fault.

    If both read a string, they return the same instant.
    """
    result = check_date(value)
    if isinstance(result, Fault) and result[0] == "invalid_date":
        result = check_iso8601_date(value)
        if isinstance(result, Fault) and result[0] == "invalid_date":
            expected = f"expected a date like {_EXAMPLE}, or an ISO 8601 date"
            return _fault("invalid_date", expected, value)
    return result


def time_value(moment: datetime) -> int:
    """Return the milliseconds from 1970 to an aware datetime (ECMA-262, "Time Values")."""
    return (moment - _EPOCH) // _MILLISECOND


def from_time_value(milliseconds: int) -> datetime:
    """Return the instant of a time value; raise OverflowError outside the years 1 to 9999."""
    return _EPOCH + milliseconds * _MILLISECOND


def check_milliseconds(value: object) -> datetime | Fault:
    """Return the instant of a number of milliseconds since 1970, or as `check_any_date` does.

    A fraction is dropped, as ``new Date(number)`` does (ECMA-262, "TimeClip").
    """
    if as_str(value) is not None:
        return check_any_date(value)
    if (number := as_float(value)) is None:
        return _fault("wrong_type", "expected a string or a number of milliseconds", value)
    try:
        return from_time_value(math.trunc(number))
    except (OverflowError, ValueError):
        return _fault("out_of_range", _IN_RANGE, value)


def normalize_date(value: object) -> datetime:
    """Return a datetime in UTC, cut to the whole milliseconds that the wire can represent.

    Args:
        value: An aware datetime. Microseconds below a whole millisecond are dropped, not rounded,
            as in V8.

    Returns:
        An aware datetime in UTC with whole milliseconds; its type is exactly `datetime.datetime`.

    Raises:
        InvalidValueError: With the code ``wrong_type`` if the value is not a datetime;
            ``no_offset`` if it is naive; ``out_of_range`` if it is outside the years 1 to 9999 in
            UTC; ``invalid_date`` if its time zone raises.

    Example:
        >>> normalize_date(datetime(2026, 11, 23, 14, 40, 0, 123999, tzinfo=UTC))
        datetime.datetime(2026, 11, 23, 14, 40, 0, 123000, tzinfo=datetime.timezone.utc)
    """
    return _value_or_raise(check_datetime(value))


def check_datetime(value: object) -> datetime | Fault:
    """Return the result of `normalize_date`, or a Fault where it would raise."""
    exact = type(_FIRST)
    if type(value) is exact and value.tzinfo is UTC and not value.microsecond % 1000:
        return value.replace(fold=0) if value.fold else value
    if not is_a(value, exact):
        return _fault("wrong_type", "expected an aware datetime", value)
    # A subclass may override any attribute. The methods of the base class read the real fields.
    local = exact.combine(value, exact.timetz(value))
    try:
        ahead = local.utcoffset()
        if ahead is None:
            return _fault("no_offset", "expected an aware datetime", value)
        utc = local.replace(tzinfo=UTC) - ahead  # the difference has fold=0
        return utc.replace(microsecond=utc.microsecond // 1000 * 1000)
    except OverflowError:
        return _fault("out_of_range", _IN_RANGE, value)
    except RecursionError:  # the caller's stack is nearly full
        raise
    except Exception:  # noqa: BLE001 - an untrusted tzinfo
        return _fault("invalid_date", "expected a datetime that converts to UTC", value)


def format_date(moment: datetime) -> str:
    """Return a datetime as ``Date.prototype.toISOString`` writes it (ECMA-262).

    Args:
        moment: An aware datetime, which `normalize_date` normalises.

    Raises:
        InvalidValueError: As `normalize_date` does.

    Example:
        >>> format_date(datetime(2026, 11, 23, 14, 40, tzinfo=UTC))
        '2026-11-23T14:40:00.000Z'
    """
    return format_utc(normalize_date(moment))


def read_utc(text: str) -> datetime | None:
    """Return the instant of a string that toISOString wrote, or None for other strings.

    It is much faster than `check_date`. fromisoformat also reads other formats and ignores text
    after a NUL, so this function checks the separators first.
    """
    if text[23:] == "Z" and text[4:20:3] == "--T::." and "\0" not in text:
        try:
            return read_isoformat(text)
        except ValueError:
            pass
    return None


def format_utc(moment: datetime) -> str:
    """Return a normalised datetime as toISOString writes it."""
    # The tables take a third of the time of datetime.isoformat (benchmarks/tricks.py).
    century, year = divmod(moment.year, 100)
    return (
        f"{TWO_DIGITS[century]}{TWO_DIGITS[year]}{MONTH_DAY[moment.month][moment.day]}"
        f"{HOUR_MINUTE[moment.hour][moment.minute]}{TWO_DIGITS[moment.second]}"
        f".{THREE_DIGITS[moment.microsecond // 1000]}Z"
    )


@cache
def _format() -> re.Pattern[str]:
    # Compiled only when needed (3 ms), because `read_utc` reads V8's dates without it.
    return re.compile(FORMAT)


def _offset(text: str | None) -> timedelta:
    if text is None or text == "Z":
        return timedelta()
    hours, minutes = int(text[1:3]), int(text[4:])
    if hours > 23 or minutes > 59:  # noqa: PLR2004 - the limits of a clock
        raise ValueError
    ahead = timedelta(hours=hours, minutes=minutes)
    return -ahead if text[0] == "-" else ahead


def _fault(code: ProblemCode, expected: str, value: object) -> Fault:
    return Fault((code, f"{expected}, got {excerpt(value)}", None))


def _value_or_raise(result: datetime | Fault) -> datetime:
    return result.throw() if isinstance(result, Fault) else result
