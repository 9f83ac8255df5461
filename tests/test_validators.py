"""The rules of the fields, on their own and as validators of users' classes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from math import copysign, inf, nan, nextafter
from typing import Any

import attrs
import pytest

from jobstatus import InvalidValueError, JobState
from jobstatus.validators import (
    InRange,
    NotAfter,
    NotBefore,
    WireDate,
    parse_progress,
    parse_state,
    parse_text,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Float(float):
    """A subclass of float, like the one of NumPy."""


class Text(str):
    """A subclass of str, like the members of a StrEnum."""

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
def test_progress_may_be_any_real_number_in_the_range(value: object, number: float) -> None:
    """The result is always exactly a float."""
    assert parse_progress(value) == number
    assert type(parse_progress(value)) is float


@pytest.mark.parametrize("zero", [-0.0, Decimal("-0"), Fraction(-1, 10**400)])
def test_progress_is_never_minus_zero(zero: object) -> None:
    """It becomes 0.0, because equal jobs must have equal bytes."""
    assert copysign(1, parse_progress(zero)) == 1


@pytest.mark.parametrize("value", [True, False, "50", " 5_0 ", b"50", None, [50], 50j, object()])
def test_progress_must_be_a_real_number(value: object) -> None:
    """Bools, numeric strings and complex numbers have the wrong type."""
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
def test_progress_outside_the_range_is_rejected(value: object) -> None:
    """NaN and the infinities are outside every range."""
    with pytest.raises(
        InvalidValueError, match=r"^expected a number from 0 to 100, got "
    ) as refused:
        parse_progress(value)
    assert refused.value.code == "out_of_range"


def test_progress_may_have_another_range() -> None:
    """The caller may set the limits, and the message names them."""
    assert parse_progress(-1.5, low=-2, high=2) == -1.5
    with pytest.raises(InvalidValueError, match=r"^expected a number from -2 to 2, got 3$"):
        parse_progress(3, low=-2, high=2)


def test_the_message_does_not_round_the_limits() -> None:
    """Large limits are written in full too."""
    with pytest.raises(InvalidValueError, match=r"^expected a number from 0.1 to 1234567, got 0$"):
        parse_progress(0, low=0.1, high=1234567)


def test_an_infinite_limit_does_not_allow_infinity() -> None:
    """It means that there is no limit for finite numbers."""
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
def test_text_may_be_any_string(value: str, text: str) -> None:
    """Surrogate pairs are joined, lone surrogates stay, and the result is exactly a str."""
    assert parse_text(value) == text
    assert type(parse_text(value)) is str


@pytest.mark.parametrize("value", [None, 5, b"id", ["id"], True])
def test_text_must_be_a_string(value: object) -> None:
    """Other types are never converted."""
    with pytest.raises(InvalidValueError, match=r"^expected a string, got ") as refused:
        parse_text(value)
    assert refused.value.code == "wrong_type"


@attrs.frozen
class Booking:
    """A user's class with all of the validators."""

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


def test_a_users_class_accepts_valid_values() -> None:
    """Bounds are inclusive, a bound of None has no effect, and time zones may differ."""
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
            "made: must not be after datetime.datetime(2026, 11, 23, 12, 0, tzinfo=",
        ),
        (
            {"opens": NOON + 2 * HOUR, "closes": NOON + HOUR},
            "out_of_range",
            f"closes: must not be before opens ({NOON + 2 * HOUR!r}), got {NOON + HOUR!r}",
        ),
        (
            {"closes": NOON - timedelta(microseconds=1)},
            "out_of_range",
            "closes: must not be before datetime.datetime(2026, 11, 23, 12, 0, tzin",
        ),
        (
            {"opens": NOON.replace(tzinfo=None), "closes": NOON},
            "no_offset",
            "opens: expected an aware datetime, got datetime.datetime(2026, 11, 23, 12, 0)",
        ),
    ],
)
def test_a_users_class_rejects_invalid_values(
    fields: dict[str, Any], code: str, message: str
) -> None:
    """The message begins with the name of the field."""
    with pytest.raises(InvalidValueError) as refused:
        Booking(**fields)
    assert refused.value.code == code
    assert str(refused.value).startswith(message)


def test_a_naive_bound_is_rejected() -> None:
    """The error comes when the validator is created, not when it is used."""
    with pytest.raises(InvalidValueError, match=r"^bound: expected an aware datetime, got "):
        NotBefore(NOON.replace(tzinfo=None))


@pytest.mark.parametrize(("low", "high"), [(1, 0), (nan, 1), (0, nan)])
def test_an_empty_range_is_rejected(low: float, high: float) -> None:
    """The error comes when the validator is created, not when it is used."""
    with pytest.raises(InvalidValueError, match=r"^low: must not exceed high, got "):
        InRange(low, high)


@attrs.frozen
class Misspelt:
    """A class with the misspelt name of a field as a bound."""

    at: datetime = attrs.field(validator=NotBefore("opnes"))
    until: datetime | None = attrs.field(
        default=None, validator=attrs.validators.optional(NotAfter("after"))
    )
    after: datetime | None = None


def test_a_bound_that_is_not_a_field_is_reported() -> None:
    """An AttributeError from inside the validator would not help."""
    with pytest.raises(InvalidValueError, match=r"^at: the bound must be the name of a field"):
        Misspelt(NOON)


def test_a_bound_of_none_has_no_effect() -> None:
    """The field may be optional, so its absence is valid."""
    attrs.validators.set_disabled(True)
    try:
        booking = Misspelt(NOON, NOON)
    finally:
        attrs.validators.set_disabled(False)
    NotAfter("after")(booking, attrs.fields(Misspelt).until, NOON)


def test_attrs_can_disable_the_validators_of_users_classes() -> None:
    """It disables its own in the same way; JobStatus itself does not depend on this."""
    attrs.validators.set_disabled(True)
    try:
        assert Booking(load=7).load == 7
    finally:
        attrs.validators.set_disabled(False)


def test_validators_are_values() -> None:
    """They can be compared, hashed and printed, like those of attrs."""
    assert InRange(0, 1) == InRange(0.0, 1.0)
    assert len({NotBefore("opens"), NotBefore("opens"), NotAfter("opens"), WireDate()}) == 3
    assert repr(InRange()) == "InRange(low=0.0, high=100.0)"


class Hostile(str):
    """A string that cannot be compared or hashed."""

    __slots__ = ()
    __eq__ = None  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]  # makes comparisons fail
    __hash__ = None  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]  # makes lookups fail


def error_of(check: Any, *arguments: object, **options: object) -> tuple[str, str, object]:
    """Return the code, the message and the value of the error that a call raises."""
    with pytest.raises(InvalidValueError) as refused:
        check(*arguments, **options)
    return refused.value.code, str(refused.value), refused.value.value


@pytest.mark.parametrize("state", JobState)
def test_a_state_is_a_member_or_its_string(state: JobState) -> None:
    """A subclass of str is read by its characters, even if it cannot be compared."""
    for value in (state, state.value, Hostile(state.value)):
        assert parse_state(value) is state


NAMES = "queued, processing, completed, failed or cancelled"


@pytest.mark.parametrize(
    ("value", "near"),
    [
        ("canceled", "cancelled"),
        ("QUEUED", "queued"),
        (" Completed\n", "completed"),
        ("complete", "completed"),
        ("kueued", "queued"),
        ("queuedd", "queued"),
        ("faiked", "failed"),
        ("fffailed", None),
        ("fail", None),
        ("", None),
        ("canceled" + " " * 8, "cancelled"),
        ("canceled" + " " * 9, None),
    ],
)
def test_a_name_near_a_state_gets_a_suggestion(value: str, near: str | None) -> None:
    """A near miss differs in case, in blanks around it, or in one letter."""
    hint = "" if near is None else f"; did you mean '{near}'?"
    _, message, _ = error_of(parse_state, value)
    assert message == f"expected {NAMES}, got {value!r}{hint}"


@pytest.mark.parametrize("state", JobState)
def test_a_name_with_one_wrong_letter_gets_a_suggestion(state: JobState) -> None:
    """It may be anywhere in the name."""
    name = state.value
    for index in range(len(name)):
        _, message, _ = error_of(parse_state, f"{name[:index]}x{name[index + 1 :]}")
        assert message.endswith(f"; did you mean '{name}'?")


@pytest.mark.parametrize(("value", "shown"), [("paused", "'paused'"), (Hostile("x"), "'x'")])
def test_another_string_is_an_unknown_state(value: str, shown: str) -> None:
    """The message lists the five states, and the error has the string as a plain str."""
    code, message, found = error_of(parse_state, value)
    assert (code, message) == ("unknown_state", f"expected {NAMES}, got {shown}")
    assert type(found) is str
    assert found == str.__str__(value)


@pytest.mark.parametrize("parse", [parse_state, parse_text])
@pytest.mark.parametrize("value", [None, 5, b"queued", ["queued"]])
def test_anything_but_a_string_has_the_wrong_type(parse: Any, value: object) -> None:
    """States and texts have the same message."""
    expected = ("wrong_type", f"expected a string, got {value!r}", None)
    assert error_of(parse, value) == expected


def test_a_range_may_be_a_single_number() -> None:
    """The minimum may equal the maximum."""
    validator = InRange(1.0, 1.0)
    assert (validator.low, validator.high) == (1.0, 1.0)


@pytest.mark.parametrize(("low", "high"), [(2.0, 1.0), (nan, 1.0), (0.0, nan)])
def test_an_empty_range_is_an_invalid_option(low: float, high: float) -> None:
    """The message quotes both limits."""
    message = f"low: must not exceed high, got {low!r} and {high!r}"
    assert error_of(InRange, low, high) == ("invalid_option", message, None)


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [(0.0, 1.0, "0 to 1"), (0.5, 2.5, "0.5 to 2.5"), (-1, 100, "-1 to 100")],
)
def test_the_message_has_the_limits_of_the_range(low: float, high: float, text: str) -> None:
    """Whole limits have no fraction."""
    message = f"expected a number from {text}, got 101"
    assert error_of(parse_progress, 101, low=low, high=high) == ("out_of_range", message, None)


@attrs.frozen
class Times:
    """A user's class with dates that must be in order."""

    begin: datetime = attrs.field(default=NOON, validator=WireDate())
    end: Any = attrs.field(default=NOON, validator=NotBefore("begin"))
    other: Any = attrs.field(default=NOON, validator=NotAfter("nothing"))


@pytest.mark.parametrize("microsecond", [0, 1000, 123_000, 999_000])
def test_wire_date_accepts_whole_milliseconds(microsecond: int) -> None:
    """JSON has dates in milliseconds, so these do not change when they are written."""
    moment = NOON.replace(microsecond=microsecond)
    WireDate()(None, attrs.fields(Times).begin, moment)


@pytest.mark.parametrize("microsecond", [1, 999, 1001, 999_999])
def test_wire_date_rejects_other_fractions(microsecond: int) -> None:
    """They would be truncated; the message begins with the name of the field."""
    moment = NOON.replace(microsecond=microsecond)
    code, message, _ = error_of(WireDate(), None, attrs.fields(Times).begin, moment)
    assert code == "invalid_date"
    assert message.startswith("begin: expected whole milliseconds in UTC, got datetime.datetime(")


@pytest.mark.parametrize("value", ["noon", NOON.replace(tzinfo=None)])
def test_only_aware_datetimes_can_be_compared_with_a_bound(value: object) -> None:
    """The message begins with the name of the field."""
    code, message, _ = error_of(NotBefore(NOON), None, attrs.fields(Times).end, value)
    assert code in {"wrong_type", "no_offset"}
    assert message.startswith("end: expected ")


def test_the_name_of_a_bound_must_be_a_field() -> None:
    """The message quotes the name that was given."""
    assert error_of(Times) == (
        "invalid_option",
        "other: the bound must be the name of a field of this class, got 'nothing'",
        None,
    )


@pytest.mark.parametrize(("validator", "side"), [(NotBefore, "before"), (NotAfter, "after")])
def test_a_date_out_of_order_is_reported_with_its_bound(validator: Any, side: str) -> None:
    """The message has both dates."""
    value = NOON - HOUR if side == "before" else NOON + HOUR
    assert error_of(validator(NOON), None, attrs.fields(Times).end, value) == (
        "out_of_range",
        f"end: must not be {side} {NOON!r}, got {value!r}",
        None,
    )
