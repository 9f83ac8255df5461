"""The rules of the fields, alone and on users' classes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from math import copysign, inf, nan, nextafter
from typing import Any

import attrs
import pytest

from jobstatus import InvalidValueError
from jobstatus.validators import (
    InRange,
    NotAfter,
    NotBefore,
    WireDate,
    parse_progress,
    parse_text,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Float(float):
    """A float as NumPy's is."""


class Text(str):
    """A string as an enum's member is."""

    __slots__ = ()


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (0, 0.0),
        (100, 100.0),
        (40.5, 40.5),
        (5e-324, 5e-324),
        (Decimal("12.5"), 12.5),
        (Fraction(1, 4), 0.25),
        (Fraction(1, 10**400), 0.0),
        (Float(7.5), 7.5),
    ],
)
def test_progress_is_any_real_number_in_range(value: object, number: float) -> None:
    """Whatever the type, what comes back is exactly a float."""
    assert parse_progress(value) == number
    assert type(parse_progress(value)) is float


@pytest.mark.parametrize("zero", [-0.0, Decimal("-0"), Fraction(-1, 10**400)])
def test_progress_is_never_minus_zero(zero: object) -> None:
    """-0.0 is 0.0, so that equal jobs have equal bytes."""
    assert copysign(1, parse_progress(zero)) == 1


@pytest.mark.parametrize("value", [True, False, "50", " 5_0 ", b"50", None, [50], 50j, object()])
def test_progress_is_not_what_only_looks_like_a_number(value: object) -> None:
    """Bools, numeric strings and complex numbers are of the wrong type."""
    with pytest.raises(
        InvalidValueError, match=r"^expected a number from 0 to 100, got "
    ) as refused:
        parse_progress(value)
    assert refused.value.code == "wrong_type"


@pytest.mark.parametrize(
    "value",
    [
        -1,
        101,
        nextafter(100, inf),
        -5e-324,
        nan,
        inf,
        -inf,
        10**400,
        -(10**5000),
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("1e999999"),
        Fraction(10**400),
    ],
    ids=lambda value: type(value).__name__,
)
def test_progress_outside_the_range_is_refused(value: object) -> None:
    """NaN and the infinities are outside any range."""
    with pytest.raises(
        InvalidValueError, match=r"^expected a number from 0 to 100, got "
    ) as refused:
        parse_progress(value)
    assert refused.value.code == "out_of_range"


def test_progress_may_have_another_range() -> None:
    """The range is the caller's, and is named in the message."""
    assert parse_progress(-1.5, low=-2, high=2) == -1.5
    with pytest.raises(InvalidValueError, match=r"^expected a number from -2 to 2, got 3$"):
        parse_progress(3, low=-2, high=2)


def test_the_range_is_named_exactly() -> None:
    """However large it is."""
    with pytest.raises(InvalidValueError, match=r"^expected a number from 0.1 to 1234567, got 0$"):
        parse_progress(0, low=0.1, high=1234567)


def test_an_infinite_bound_lets_no_infinity_in() -> None:
    """An open range is one of numbers."""
    assert parse_progress(1e308, low=-inf, high=inf) == 1e308
    with pytest.raises(InvalidValueError):
        parse_progress(inf, low=-inf, high=inf)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("", ""),
        ("caf\u00e9", "caf\u00e9"),
        ("\ud800", "\ud800"),
        ("\udc00\ud800", "\udc00\ud800"),
        ("\ud83d\ude00", "\U0001f600"),
        ("\ud83d\ud83d\ude00\ude00", "\ud83d\U0001f600\ude00"),
        (Text("member"), "member"),
        ("\0", "\0"),
    ],
    ids=ascii,
)
def test_text_is_any_string_with_its_pairs_joined(value: str, text: str) -> None:
    """Lone surrogates stay, a pair becomes its character, and the type is exactly str."""
    assert parse_text(value) == text
    assert type(parse_text(value)) is str


@pytest.mark.parametrize("value", [None, 5, b"id", ["id"], True])
def test_text_is_nothing_but_strings(value: object) -> None:
    """Nothing is turned into a string."""
    with pytest.raises(InvalidValueError, match=r"^expected a string, got ") as refused:
        parse_text(value)
    assert refused.value.code == "wrong_type"


@attrs.frozen
class Booking:
    """A class of a user's, with all of the validators."""

    load: float = attrs.field(default=0.5, validator=InRange(0.0, 1.0))
    percent: float = attrs.field(default=50.0, validator=InRange())
    made: datetime = attrs.field(default=NOON, validator=[WireDate(), NotAfter(NOON)])
    opens: datetime | None = attrs.field(default=None)
    closes: datetime | None = attrs.field(
        default=None,
        validator=attrs.validators.optional(
            attrs.validators.and_(NotBefore("opens"), NotBefore(NOON))
        ),
    )


def test_a_users_class_takes_what_is_in_order() -> None:
    """Bounds are inclusive, a bound that is None is none, and zones may differ."""
    Booking(load=1.0, percent=100, made=NOON, opens=NOON, closes=NOON)
    Booking(load=0, closes=NOON)
    Booking(opens=NOON, closes=(NOON + HOUR).astimezone(timezone(-3 * HOUR)))


@pytest.mark.parametrize(
    ("fields", "code", "message"),
    [
        ({"load": 1.01}, "out_of_range", "load: expected a number from 0 to 1, got 1.01"),
        ({"load": nan}, "out_of_range", "load: expected a number from 0 to 1, got nan"),
        ({"load": True}, "wrong_type", "load: expected a number from 0 to 1, got True"),
        ({"percent": 101}, "out_of_range", "percent: expected a number from 0 to 100, got 101"),
        ({"made": None}, "wrong_type", "made: expected an aware datetime, got None"),
        (
            {"made": NOON.replace(tzinfo=None)},
            "no_offset",
            "made: expected an aware datetime, got datetime.datetime(2026, 11, 23, 12, 0)",
        ),
        (
            {"made": NOON.replace(microsecond=1)},
            "invalid_date",
            "made: expected whole milliseconds in UTC, got datetime.datetime(2026, 11, 23, ",
        ),
        (
            {"made": NOON.astimezone(timezone(HOUR))},
            "invalid_date",
            "made: expected whole milliseconds in UTC, got datetime.datetime(2026, 11, 23, ",
        ),
        (
            {"made": NOON + HOUR},
            "out_of_range",
            "made: expected a date not after datetime.datetime(2026, 11, 23, 12, 0, tzinfo=",
        ),
        (
            {"opens": NOON + 2 * HOUR, "closes": NOON + HOUR},
            "out_of_range",
            "closes: expected a date not before opens, datetime.datetime(2026, 11, 23, 14, ",
        ),
        (
            {"closes": NOON - timedelta(microseconds=1)},
            "out_of_range",
            "closes: expected a date not before datetime.datetime(2026, 11, 23, 12, 0, tzin",
        ),
        (
            {"opens": NOON.replace(tzinfo=None), "closes": NOON},
            "no_offset",
            "opens: expected an aware datetime, got datetime.datetime(2026, 11, 23, 12, 0)",
        ),
    ],
)
def test_a_users_class_refuses_what_breaks_a_rule(
    fields: dict[str, Any], code: str, message: str
) -> None:
    """The message begins with the field's name."""
    with pytest.raises(InvalidValueError) as refused:
        Booking(**fields)
    assert refused.value.code == code
    assert str(refused.value).startswith(message)


def test_a_bound_is_aware() -> None:
    """A bound that means no instant is refused where it is written."""
    with pytest.raises(InvalidValueError, match=r"^bound: expected an aware datetime, got "):
        NotBefore(NOON.replace(tzinfo=None))


@pytest.mark.parametrize(("low", "high"), [(1, 0), (nan, 1), (0, nan)])
def test_a_range_has_numbers_in_it(low: float, high: float) -> None:
    """A range that refuses everything is refused where it is written."""
    with pytest.raises(InvalidValueError, match=r"^range: expected low not above high, got "):
        InRange(low, high)


@attrs.frozen
class Misspelt:
    """A class whose bound is no field."""

    at: datetime = attrs.field(validator=NotBefore("opnes"))
    until: datetime | None = attrs.field(
        default=None, validator=attrs.validators.optional(NotAfter("after"))
    )
    after: datetime | None = None


def test_a_bound_that_is_no_field_is_said() -> None:
    """And not raised as an AttributeError from inside."""
    with pytest.raises(InvalidValueError, match=r"^at: expected the name of a field as its bound"):
        Misspelt(NOON)


def test_a_bound_that_is_none_is_none() -> None:
    """For either side."""
    attrs.validators.set_disabled(True)
    try:
        booking = Misspelt(NOON, NOON)
    finally:
        attrs.validators.set_disabled(False)
    NotAfter("after")(booking, attrs.fields(Misspelt).until, NOON)


def test_attrs_switches_validators_off_on_users_classes() -> None:
    """As it does its own; a JobStatus does not depend on it."""
    attrs.validators.set_disabled(True)
    try:
        assert Booking(load=7).load == 7
    finally:
        attrs.validators.set_disabled(False)


def test_validators_are_values() -> None:
    """They compare, hash and show themselves, as attrs' own do."""
    assert InRange(0, 1) == InRange(0.0, 1.0)
    assert len({NotBefore("opens"), NotBefore("opens"), NotAfter("opens"), WireDate()}) == 3
    assert repr(InRange()) == "InRange(low=0.0, high=100.0)"
