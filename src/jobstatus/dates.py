"""Dates as ECMAScript writes and reads them, and as Python holds them.

On the wire a date is the string that ``Date.prototype.toISOString`` writes. In Python it is an
aware `datetime.datetime` in UTC of whole milliseconds, from year 1 to year 9999.
"""

from __future__ import annotations

import re
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta
from functools import cache
from typing import Final, NoReturn

from jobstatus._foreign import excerpt, is_a
from jobstatus.errors import InvalidValueError, ProblemCode

__all__ = ["format_date", "normalize_date", "parse_date", "parse_iso8601_date"]

# ECMA-262, "Date Time String Format", with the fraction of one to nine digits that every engine
# reads in place of exactly three. [0-9], for \d takes other scripts' digits; always with
# fullmatch, for $ matches before a newline.
FORMAT: Final = (
    r"([0-9]{4}|[+-][0-9]{6})(?:-([0-9]{2})(?:-([0-9]{2}))?)?"
    r"(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?"
)
_TWO = tuple(f"{number:02}" for number in range(100))
_THREE = tuple(f"{number:03}" for number in range(1000))
_EXAMPLE = "2026-11-23T14:40:00.123Z"


def parse_date(text: str) -> datetime:
    """Return the instant that a date string means in every JavaScript engine and every time zone.

    The forms are those of ECMA-262's Date Time String Format: a year, a month or a day (in UTC), or
    a date and time with ``Z`` or an offset of hours and minutes. Seconds may be left out; a
    fraction has one to nine digits, of which the first three count; ``24:00`` is the midnight that
    ends the day; a year may have a sign and six digits.

    Args:
        text: The date string.

    Returns:
        An aware datetime in UTC of whole milliseconds.

    Raises:
        InvalidValueError: With the code ``wrong_type`` for what is not a string, ``invalid_date``
            for another format or a day or time that does not exist, ``no_offset`` for a date and
            time without an offset (engines read it in local time), and ``out_of_range`` for an
            instant outside the years 1 to 9999.

    Example:
        >>> parse_date("2026-11-23T15:40:00.123456+01:00")
        datetime.datetime(2026, 11, 23, 14, 40, 0, 123000, tzinfo=datetime.timezone.utc)
    """
    match = _format().fullmatch(_text(text))
    if match is None:
        _fail("invalid_date", f"expected a date like {_EXAMPLE}", text)
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    if hour is not None and offset is None:
        _fail("no_offset", f"expected a date with an offset, like {_EXAMPLE}", text)
    if year == "-000000":  # ECMA-262 has one year 0 only
        _fail("invalid_date", "expected a year other than -000000", text)
    if not MINYEAR <= int(year) <= MAXYEAR:
        _fail("out_of_range", "expected a year from 0001 to 9999", text)
    midnight = hour == "24" and not int(minute + (second or "") + (fraction or ""))
    try:
        local = datetime(  # noqa: DTZ001 - the offset is taken off below
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
        _fail("invalid_date", "expected a day and a time that exist", text)
    try:
        return (local + (timedelta(days=midnight) - ahead)).replace(tzinfo=UTC)
    except OverflowError:
        _fail("out_of_range", "expected an instant in the years 0001 to 9999", text)


def parse_iso8601_date(text: str) -> datetime:
    """Return the instant that an ISO 8601 date and time with an offset means.

    This reads whatever `dateutil.parser.isoparse` reads, so also basic forms, week dates, commas
    and ``+0530``, as long as it has an offset. A date alone has none, and is refused.

    Args:
        text: The date string.

    Returns:
        An aware datetime in UTC of whole milliseconds.

    Raises:
        InvalidValueError: As `parse_date` does.

    Example:
        >>> parse_iso8601_date("20261123T154000,123+0100")
        datetime.datetime(2026, 11, 23, 14, 40, 0, 123000, tzinfo=datetime.timezone.utc)
    """
    from dateutil.parser import isoparse

    exact = _text(text)
    try:
        moment = isoparse(exact)
    except OverflowError:
        _fail("out_of_range", "expected an instant in the years 0001 to 9999", text)
    except ValueError:
        _fail("invalid_date", "expected an ISO 8601 date", text)
    if moment.tzinfo is None:
        _fail("no_offset", "expected an ISO 8601 date and time with an offset", text)
    return normalize_date(moment)


def normalize_date(value: object) -> datetime:
    """Return a datetime as the wire can hold it: in UTC, cut to whole milliseconds.

    Args:
        value: An aware datetime. Digits below the millisecond are dropped and not rounded, as V8
            drops them.

    Returns:
        An aware datetime in UTC of whole milliseconds; its type is exactly `datetime.datetime`.

    Raises:
        InvalidValueError: With the code ``wrong_type`` for what is not a datetime, ``no_offset``
            for a naive one, ``out_of_range`` for one that leaves the years 1 to 9999 on its way to
            UTC, and ``invalid_date`` for one whose time zone fails.

    Example:
        >>> normalize_date(datetime(2026, 11, 23, 14, 40, 0, 123999, tzinfo=UTC))
        datetime.datetime(2026, 11, 23, 14, 40, 0, 123000, tzinfo=datetime.timezone.utc)
    """
    if not is_a(value, datetime):
        _fail("wrong_type", "expected an aware datetime", value)
    try:
        if value.utcoffset() is None:
            _fail("no_offset", "expected an aware datetime", value)
        utc = value.astimezone(UTC)
        clock = utc.hour, utc.minute, utc.second, utc.microsecond // 1000 * 1000
        return datetime(utc.year, utc.month, utc.day, *clock, tzinfo=UTC)
    except OverflowError:
        _fail("out_of_range", "expected an instant in the years 0001 to 9999", value)
    except InvalidValueError:
        raise
    except Exception:  # noqa: BLE001 - a foreign tzinfo, or a datetime that is none, as pandas' NaT
        _fail("invalid_date", "expected a datetime that has an instant", value)


def format_date(moment: datetime) -> str:
    """Return a datetime as ``Date.prototype.toISOString`` writes it (ECMA-262).

    Args:
        moment: An aware datetime; it is normalised as by `normalize_date`.

    Raises:
        InvalidValueError: As `normalize_date` does.

    Example:
        >>> format_date(datetime(2026, 11, 23, 14, 40, tzinfo=UTC))
        '2026-11-23T14:40:00.000Z'
    """
    return format_utc(normalize_date(moment))


def format_utc(moment: datetime) -> str:
    """Return a datetime that is normalised already as toISOString writes it."""
    # datetime.isoformat takes three times as long as these tables: benchmarks/tricks.py.
    century, year = divmod(moment.year, 100)
    return (
        f"{_TWO[century]}{_TWO[year]}-{_TWO[moment.month]}-{_TWO[moment.day]}T{_TWO[moment.hour]}"
        f":{_TWO[moment.minute]}:{_TWO[moment.second]}.{_THREE[moment.microsecond // 1000]}Z"
    )


@cache
def _format() -> re.Pattern[str]:
    # Not compiled with the package (3 ms), for what is written by V8 is read without it.
    return re.compile(FORMAT)


def _text(value: object) -> str:
    if not is_a(value, str):
        _fail("wrong_type", "expected a string", value)
    return str.__str__(value)


def _offset(text: str | None) -> timedelta:
    if text is None or text == "Z":
        return timedelta()
    hours, minutes = int(text[1:3]), int(text[4:])
    if hours > 23 or minutes > 59:  # noqa: PLR2004 - a clock's
        raise ValueError
    ahead = timedelta(hours=hours, minutes=minutes)
    return -ahead if text[0] == "-" else ahead


def _fail(code: ProblemCode, expected: str, value: object) -> NoReturn:
    raise InvalidValueError(code, f"{expected}, got {excerpt(value)}") from None
