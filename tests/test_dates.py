"""Dates follow ECMAScript, except for forms on which the engines disagree."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from jobstatus import InvalidValueError, JobStatus
from jobstatus.dates import format_date, normalize_date, parse_date, parse_iso8601_date, read_utc


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
    """Date-only forms are in UTC, extra digits are dropped, and 24:00 ends the day."""
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
def test_other_forms_are_rejected_with_a_code(code: str, text: str) -> None:
    """Local times, impossible days, legacy forms and near misses are errors."""
    with pytest.raises(InvalidValueError, match=r"^expected .*, got .*$") as refused:
        parse_date(text)
    assert refused.value.code == code


@pytest.mark.parametrize("parse", [parse_date, parse_iso8601_date])
@pytest.mark.parametrize("value", [None, 0, 1711711711711, b"2024-01-01", utc(2024, 1, 1)])
def test_only_strings_are_parsed(parse: Callable[[Any], datetime], value: object) -> None:
    """Numbers, bytes and datetimes have the wrong type."""
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
def test_parse_iso8601_date_accepts_every_form_of_isoparse(text: str, moment: datetime) -> None:
    """This includes basic forms, week dates, ordinal dates and decimal commas."""
    assert parse_iso8601_date(text) == moment
    assert parse_iso8601_date(text).tzinfo is UTC


class Text(str):
    """A subclass of str."""

    __slots__ = ()


@pytest.mark.parametrize("parse", [parse_date, parse_iso8601_date])
def test_a_subclass_of_str_is_parsed(parse: Callable[[str], datetime]) -> None:
    """Only its characters matter."""
    assert parse(Text("2026-11-23T14:40:00Z")) == datetime(2026, 11, 23, 14, 40, tzinfo=UTC)


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
def test_parse_iso8601_date_rejects_other_forms_with_a_code(code: str, text: str) -> None:
    """Dates without an offset, and forms that isoparse rejects, are InvalidValueErrors."""
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
def test_dates_are_written_like_to_iso_string(moment: datetime, text: str) -> None:
    """The year has four digits, the fraction has three, and the offset is Z."""
    assert format_date(moment) == text


class Subclass(datetime):
    """A subclass of datetime, like those of pandas, pendulum and freezegun."""


class Nowhere(tzinfo):
    """A time zone whose offset is None or raises an exception."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    def utcoffset(self, _: datetime | None) -> None:
        """Return None, or raise the error."""
        if self.error:
            raise self.error

    dst = utcoffset
    tzname = utcoffset


def test_a_subclass_of_datetime_becomes_a_plain_datetime() -> None:
    """A job must not depend on the library that made its dates."""
    moment = normalize_date(
        Subclass(2024, 2, 29, 12, 0, 0, 1999, tzinfo=timezone(timedelta(hours=1)))
    )
    assert type(moment) is datetime
    assert moment == utc(2024, 2, 29, 11, 0, 0, 1000)


class Count(int):
    """An int whose arithmetic is wrong."""

    def __floordiv__(self, _: int) -> int:
        return 1234

    __mod__ = __mul__ = __floordiv__


class Odd(datetime):
    """A subclass of datetime that overrides the attributes and the conversion."""

    @property
    def microsecond(self) -> int:
        """Not the number that the constructor was given."""
        return Count(5)

    def astimezone(self, tz: tzinfo | None = None) -> Odd:
        """Return the local time, not an instant."""
        return self

    def utcoffset(self) -> None:
        """Return None, as for a naive datetime."""


def test_what_a_subclass_of_datetime_overrides_has_no_effect() -> None:
    """Otherwise a job could differ from the one that is read from its own JSON."""
    odd = Odd(2024, 2, 29, 12, tzinfo=UTC)
    assert odd.microsecond // 1 == 1234
    assert odd.astimezone(UTC) is odd
    job = JobStatus("a", "queued", estimated_completion=odd)
    assert job.estimated_completion == utc(2024, 2, 29, 12)
    assert JobStatus.from_json(job.to_json()) == job


class Moody(tzinfo):
    """A time zone that has an offset only when it is asked for the first time."""

    def __init__(self) -> None:
        self.offsets: list[timedelta | None] = [None, timedelta(hours=1)]

    def utcoffset(self, _: datetime | None) -> timedelta | None:
        """Return an hour, then None."""
        return self.offsets.pop()

    dst = utcoffset

    def tzname(self, _: datetime | None) -> None:
        """Return no name."""


def test_a_time_zone_is_asked_for_its_offset_once() -> None:
    """With a second answer of None, Python would use the time zone of the machine."""
    assert normalize_date(datetime(2024, 2, 29, 12, tzinfo=Moody())) == utc(2024, 2, 29, 11)


REAL = """
import pickle
from datetime import datetime as datetime_of_python
import freezegun
"""
FREEZE = "freezer = freezegun.freeze_time('2024-02-29 12:00:00.123456')\nfreezer.start()"
FROZEN = """
from datetime import UTC, datetime
from jobstatus import Codec, JobStatus

assert datetime.__name__ == "FakeDatetime"
job = JobStatus("a", "queued", estimated_completion=datetime.now(UTC))
text = job.to_json()
jobs = [
    job,
    JobStatus.from_json(text),
    JobStatus.from_json(text.replace("Z", "+00:00")),
    Codec(dates="iso8601").decode(text.replace("123Z", "123456+0000")),
    *Codec().decode_array(f"[{text}]"),
]
freezer.stop()
assert {*jobs} == {job}
assert {type(job.estimated_completion) for job in jobs} == {datetime_of_python}
assert b"freezegun" not in b"".join(map(pickle.dumps, jobs))
print(text)
"""


@pytest.mark.parametrize(
    "imports", [f"import jobstatus\n{FREEZE}", FREEZE], ids=["before", "while"]
)
def test_a_job_has_a_plain_datetime_while_freezegun_freezes_the_clock(imports: str) -> None:
    """Freezegun puts its own class into every module, also into those imported later."""
    done = subprocess.run(
        [sys.executable, "-c", f"{REAL}{imports}{FROZEN}"],
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.stdout == (
        '{"id":"a","status":"queued","estimatedCompletion":"2024-02-29T12:00:00.123Z"}\n'
    ), done.stderr


@pytest.mark.parametrize("fold", [0, 1])
def test_fold_selects_the_instant_of_a_repeated_hour(fold: int) -> None:
    """When clocks go back, one local hour means two instants (PEP 495)."""
    local = datetime(2024, 11, 3, 1, 30, tzinfo=ZoneInfo("America/New_York"), fold=fold)
    assert normalize_date(local) == utc(2024, 11, 3, 5 + fold, 30)


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("wrong_type", None),
        ("wrong_type", "2024-02-29T12:34:56Z"),
        ("wrong_type", 1711711711),
        ("wrong_type", utc(2024, 1, 1).date()),
        ("no_offset", datetime(2024, 1, 1)),  # noqa: DTZ001 - naive on purpose
        ("no_offset", datetime(2024, 1, 1, tzinfo=Nowhere())),
        ("invalid_date", datetime(2024, 1, 1, tzinfo=Nowhere(KeyError("tz")))),
        ("out_of_range", datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1)))),
        ("out_of_range", datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-1)))),
    ],
    ids=lambda value: type(value).__name__,
)
def test_values_that_are_not_instants_are_rejected_with_a_code(code: str, value: object) -> None:
    """Naive datetimes, dates, broken time zones and years outside the range are errors."""
    with pytest.raises(InvalidValueError, match=r"^expected .*, got .*$") as refused:
        normalize_date(value)
    assert refused.value.code == code


@pytest.fixture
def far_from_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Set the local time zone of the machine to New York."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("far_from_utc")
def test_the_local_time_zone_has_no_effect() -> None:
    """This holds for reading and for writing."""
    text = "2024-07-01T12:00:00.000Z"
    assert parse_date(text) == parse_iso8601_date(text) == normalize_date(utc(2024, 7, 1, 12))
    assert format_date(parse_date(text)) == text


def test_a_thirteenth_month_is_rejected() -> None:
    """V8 guesses instead: it reads 0001-13 as 13 January 2001 in local time."""
    with pytest.raises(InvalidValueError) as refused:
        parse_date("0001-13")
    assert refused.value.code == "invalid_date"


def test_a_normalised_date_has_no_fold() -> None:
    """A fold means nothing in UTC, but it would show in the repr."""
    moment = datetime(2026, 11, 23, 14, 40, tzinfo=UTC, fold=1)
    assert repr(normalize_date(moment)) == repr(moment.replace(fold=0))


@pytest.mark.parametrize(
    "text",
    ["2026-11-23T14:40:Z\0.123Z", "2026-11-23T14:Z\x00:00.123Z", "2026-11-23T14:40:00.Z\x003Z"],
    ids=ascii,
)
def test_a_date_with_a_nul_is_rejected(text: str) -> None:
    """Python's own parser would stop at the NUL and ignore the rest."""
    assert read_utc(text) is None
    with pytest.raises(InvalidValueError) as refused:
        parse_date(text)
    assert refused.value.code == "invalid_date"


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/New_York"])
def test_a_date_is_normalised_to_utc_in_every_time_zone(
    zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The local time zone of the machine does not matter."""
    moment = datetime(2026, 11, 23, 15, 40, tzinfo=timezone(timedelta(hours=1)))
    with monkeypatch.context() as patch:
        patch.setenv("TZ", zone)
        time.tzset()
        normalised = normalize_date(moment)
    time.tzset()
    assert repr(normalised) == repr(datetime(2026, 11, 23, 14, 40, tzinfo=UTC))


@pytest.mark.parametrize("parse", [parse_date, parse_iso8601_date])
def test_the_message_quotes_a_value_that_is_not_a_string(parse: Callable[[Any], datetime]) -> None:
    """It shows the value's repr."""
    with pytest.raises(InvalidValueError, match=r"^expected a string, got 5$"):
        parse(5)
