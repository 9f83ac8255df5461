"""Dates are ECMAScript's, without what engines disagree on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from jobstatus import InvalidValueError
from jobstatus.dates import format_date, normalize_date, parse_date, parse_iso8601_date


def utc(*clock: int) -> datetime:
    """Return a datetime in UTC."""
    year, month, day, hour, minute, second, microsecond = (*clock, *(0,) * (7 - len(clock)))
    return datetime(year, month, day, hour, minute, second, microsecond, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-02-29T12:34:56.789Z", utc(2024, 2, 29, 12, 34, 56, 789_000)),
        ("2024-02-29T12:34:56Z", utc(2024, 2, 29, 12, 34, 56)),
        ("2024-02-29T12:34Z", utc(2024, 2, 29, 12, 34)),
        ("2024-02-29", utc(2024, 2, 29)),
        ("2024-02", utc(2024, 2, 1)),
        ("2024", utc(2024, 1, 1)),
        ("2024T12:34Z", utc(2024, 1, 1, 12, 34)),
        ("2024-02T12:34Z", utc(2024, 2, 1, 12, 34)),
        ("2024-02-29T12:34:56.7Z", utc(2024, 2, 29, 12, 34, 56, 700_000)),
        ("2024-02-29T12:34:56.789999999Z", utc(2024, 2, 29, 12, 34, 56, 789_000)),
        ("1969-12-31T23:59:59.999999Z", utc(1969, 12, 31, 23, 59, 59, 999_000)),
        ("2024-02-29T12:34:56+05:30", utc(2024, 2, 29, 7, 4, 56)),
        ("2024-02-29T12:34:56-00:00", utc(2024, 2, 29, 12, 34, 56)),
        ("2024-02-29T00:00-23:59", utc(2024, 2, 29, 23, 59)),
        ("2024-02-29T24:00Z", utc(2024, 3, 1)),
        ("2024-12-31T24:00:00.000Z", utc(2025, 1, 1)),
        ("+002024-02-29T12:34Z", utc(2024, 2, 29, 12, 34)),
        ("+000001", utc(1, 1, 1)),
        ("0001-01-01T00:00:00.000Z", utc(1, 1, 1)),
        ("9999-12-31T23:59:59.999Z", utc(9999, 12, 31, 23, 59, 59, 999_000)),
        ("0001-01-01T23:59+23:59", utc(1, 1, 1)),
        ("9999-12-31T24:00+00:01", utc(9999, 12, 31, 23, 59)),
    ],
)
def test_every_form_that_engines_agree_on_is_read(text: str, moment: datetime) -> None:
    """Date-only forms are in UTC; digits past the third are dropped; 24:00 ends the day."""
    assert parse_date(text) == moment
    assert parse_date(text).tzinfo is UTC


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("no_offset", "2024-02-29T12:34:56.789"),
        ("no_offset", "2024-02-29T12:34"),
        ("no_offset", "2024T12:34"),
        ("out_of_range", "0000-01-01T00:00Z"),
        ("out_of_range", "+000000-01-01"),
        ("out_of_range", "+010000-01-01"),
        ("out_of_range", "-000001-01-01"),
        ("out_of_range", "-271821-04-20T00:00:00.000Z"),
        ("out_of_range", "0001-01-01T00:00+00:01"),
        ("out_of_range", "9999-12-31T24:00Z"),
        ("out_of_range", "9999-12-31T23:59-00:01"),
        ("invalid_date", ""),
        ("invalid_date", "tomorrow"),
        ("invalid_date", "-000000-01-01T00:00Z"),
        ("invalid_date", "2023-02-29"),
        ("invalid_date", "2024-02-30T00:00Z"),
        ("invalid_date", "2024-00-01"),
        ("invalid_date", "2024-13-01"),
        ("invalid_date", "2024-01-00"),
        ("invalid_date", "2024-01-01T25:00Z"),
        ("invalid_date", "2024-01-01T24:01Z"),
        ("invalid_date", "2024-01-01T24:00:01Z"),
        ("invalid_date", "2024-01-01T24:00:00.0001Z"),
        ("invalid_date", "2024-01-01T00:60Z"),
        ("invalid_date", "2024-01-01T00:00:60Z"),
        ("invalid_date", "2024-01-01T00:00+24:00"),
        ("invalid_date", "2024-01-01T00:00+00:60"),
        ("invalid_date", "2024-01-01T00:00+0530"),
        ("invalid_date", "2024-01-01T00:00+05"),
        ("invalid_date", "2024-01-01T00:00+05:30:00"),
        ("invalid_date", "2024-01-01t00:00Z"),
        ("invalid_date", "2024-01-01T00:00z"),
        ("invalid_date", "2024-01-01 00:00Z"),
        ("invalid_date", " 2024-01-01"),
        ("invalid_date", "2024-01-01\n"),
        ("invalid_date", "2024-01-01\0"),
        ("invalid_date", "2024-01-01Z"),
        ("invalid_date", "2024-02-29+05:30"),
        ("invalid_date", "2024-01-01T00:00:00.Z"),
        ("invalid_date", "2024-01-01T00:00:00,5Z"),
        ("invalid_date", "2024-01-01T00:00.5Z"),
        ("invalid_date", "2024-01-01T00:00:00.1234567890Z"),
        ("invalid_date", "2024-01-01T00Z"),
        ("invalid_date", "2024-1-1"),
        ("invalid_date", "20240101"),
        ("invalid_date", "2024-W01-1"),
        ("invalid_date", "2024-060"),
        ("invalid_date", "1711711711711"),
        ("invalid_date", "02024-01-01"),
        ("invalid_date", "+02024-01-01"),
        ("invalid_date", "\u0662\u0660\u0662\u0664-01-01"),
        ("invalid_date", "Thu, 29 Feb 2024 12:34:56 GMT"),
        ("invalid_date", "9" * 10**6),
    ],
    ids=lambda value: ascii(value)[:40],
)
def test_every_other_form_is_refused_by_its_code(code: str, text: str) -> None:
    """Local time, days that do not exist, legacy forms and near misses are errors."""
    with pytest.raises(InvalidValueError, match=r"^expected .*, got .*$") as refused:
        parse_date(text)
    assert refused.value.code == code


@pytest.mark.parametrize("parse", [parse_date, parse_iso8601_date])
@pytest.mark.parametrize("value", [None, 0, 1711711711711, b"2024-01-01", utc(2024, 1, 1)])
def test_only_strings_are_parsed(parse: Callable[[Any], datetime], value: object) -> None:
    """Numbers, bytes and datetimes are of the wrong type."""
    with pytest.raises(InvalidValueError, match=r"^expected a string, got ") as refused:
        parse(value)
    assert refused.value.code == "wrong_type"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-02-29T12:34:56.789Z", utc(2024, 2, 29, 12, 34, 56, 789_000)),
        ("2024-02-29T12:34:56,789999+0530", utc(2024, 2, 29, 7, 4, 56, 789_000)),
        ("20240229T1234Z", utc(2024, 2, 29, 12, 34)),
        ("2024-W09-4T12Z", utc(2024, 2, 29, 12)),
        ("2024-060T12Z", utc(2024, 2, 29, 12)),
        ("2024-02-29 12:34-01", utc(2024, 2, 29, 13, 34)),
        ("2024-02-29T24:00Z", utc(2024, 3, 1)),
        ("2024-02-29T12:34:56.123456789Z", utc(2024, 2, 29, 12, 34, 56, 123_000)),
    ],
)
def test_iso8601_reads_what_isoparse_reads(text: str, moment: datetime) -> None:
    """Basic forms, week dates, ordinal dates and commas are read too."""
    assert parse_iso8601_date(text) == moment
    assert parse_iso8601_date(text).tzinfo is UTC


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("no_offset", "2024-02-29"),
        ("no_offset", "2024-02-29T12:34:56"),
        ("invalid_date", ""),
        ("invalid_date", "tomorrow"),
        ("invalid_date", "2024-02-30T00:00Z"),
        ("invalid_date", "2024-02-29T12:34:56.789Z\0"),
        ("invalid_date", "\u0662\u0660\u0662\u0664-01-01T00:00Z"),
        ("out_of_range", "9999-12-31T24:00Z"),
        ("out_of_range", "9999-12-31T23:59-01:00"),
        ("out_of_range", "0001-01-01T00:00+01:00"),
    ],
)
def test_iso8601_refuses_the_rest_by_its_code(code: str, text: str) -> None:
    """A date without an offset, and what isoparse does not read, are errors of ours."""
    with pytest.raises(InvalidValueError, match=r"^expected .*, got .*$") as refused:
        parse_iso8601_date(text)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (utc(1, 1, 1), "0001-01-01T00:00:00.000Z"),
        (utc(9999, 12, 31, 23, 59, 59, 999_999), "9999-12-31T23:59:59.999Z"),
        (utc(2024, 2, 29, 12, 34, 56, 7_000), "2024-02-29T12:34:56.007Z"),
        (utc(1969, 12, 31, 23, 59, 59, 999_999), "1969-12-31T23:59:59.999Z"),
        (
            datetime(2024, 7, 1, 12, tzinfo=ZoneInfo("America/New_York")),
            "2024-07-01T16:00:00.000Z",
        ),
    ],
)
def test_dates_are_written_as_to_iso_string_writes_them(moment: datetime, text: str) -> None:
    """Four digits of the year, three of the fraction, and Z."""
    assert format_date(moment) == text


class Subclass(datetime):
    """A datetime as pandas', pendulum's and freezegun's are."""


class Nowhere(tzinfo):
    """A time zone that has no offset, or fails."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    def utcoffset(self, _: datetime | None) -> None:
        """Return nothing, or fail."""
        if self.error:
            raise self.error

    dst = utcoffset
    tzname = utcoffset


def test_a_subclass_becomes_a_plain_datetime() -> None:
    """What is held does not depend on who made it."""
    moment = normalize_date(
        Subclass(2024, 2, 29, 12, 0, 0, 1999, tzinfo=timezone(timedelta(hours=1)))
    )
    assert type(moment) is datetime
    assert moment == utc(2024, 2, 29, 11, 0, 0, 1000)


@pytest.mark.parametrize("fold", [0, 1])
def test_the_hour_that_comes_twice_is_told_by_its_fold(fold: int) -> None:
    """The repeated hour of a change of clocks is two instants (PEP 495)."""
    local = datetime(2024, 11, 3, 1, 30, tzinfo=ZoneInfo("America/New_York"), fold=fold)
    assert normalize_date(local) == utc(2024, 11, 3, 5 + fold, 30)


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("wrong_type", None),
        ("wrong_type", "2024-02-29T12:34:56Z"),
        ("wrong_type", 1711711711),
        ("wrong_type", utc(2024, 1, 1).date()),
        ("no_offset", datetime(2024, 1, 1)),  # noqa: DTZ001 - what is refused
        ("no_offset", datetime(2024, 1, 1, tzinfo=Nowhere())),
        ("invalid_date", datetime(2024, 1, 1, tzinfo=Nowhere(KeyError("tz")))),
        ("out_of_range", datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1)))),
        ("out_of_range", datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-1)))),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_instant_is_refused_by_its_code(code: str, value: object) -> None:
    """Naive datetimes, dates, zones that fail and instants outside the range are errors."""
    with pytest.raises(InvalidValueError, match=r"^expected .*, got .*$") as refused:
        normalize_date(value)
    assert refused.value.code == code


@pytest.fixture
def far_from_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Be on a machine whose local time is another."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("far_from_utc")
def test_the_machines_own_time_zone_has_no_say() -> None:
    """Neither in reading nor in writing."""
    text = "2024-07-01T12:00:00.000Z"
    assert parse_date(text) == parse_iso8601_date(text) == normalize_date(utc(2024, 7, 1, 12))
    assert format_date(parse_date(text)) == text


def test_a_thirteenth_month_is_no_day_of_january() -> None:
    """V8 guesses: to it 0001-13 is 13 January 2001 in local time."""
    with pytest.raises(InvalidValueError) as refused:
        parse_date("0001-13")
    assert refused.value.code == "invalid_date"
