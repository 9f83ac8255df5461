"""The rules for values that some producers send instead of the interface's."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobstatus import Codec, JobState
from jobstatus._wire._deviations import check_id, check_numeric_text, make_check_state
from jobstatus.dates import check_any_date, check_date, check_iso8601_date, check_milliseconds
from jobstatus.errors import Fault
from jobstatus.strategies import dates
from jobstatus.strategies._values import date_strings

MAX_SAFE = 2**53 - 1
INTEGER = f"expected a string or an integer from -{MAX_SAFE} to {MAX_SAFE}, got "
NUMBER = "expected a number from 0 to 100, got "


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (42, "42"),
        (0, "0"),
        (-7, "-7"),
        (-0.0, "0"),
        (1.0, "1"),
        (1e3, "1000"),
        (MAX_SAFE, "9007199254740991"),
        (-float(MAX_SAFE), "-9007199254740991"),
        (Decimal("12.0"), "12"),
    ],
)
def test_an_integer_id_becomes_the_string_of_javascript(number: object, text: str) -> None:
    """The expected strings are those of ``String(number)``."""
    assert check_id(number) == text


@pytest.mark.parametrize("text", ["", "42", "1.5", "\ud800"])
def test_an_id_may_still_be_a_string(text: str) -> None:
    """It stays unchanged, also if it looks like a number."""
    assert check_id(text) == text


@pytest.mark.parametrize(
    "number",
    [1.5, MAX_SAFE + 1, -MAX_SAFE - 1, 10**400, 1e300, float("inf"), float("nan"), Decimal("sNaN")],
)
def test_a_number_that_is_no_safe_integer_is_no_id(number: object) -> None:
    """A JSON parser may have rounded it."""
    result = check_id(number)
    assert isinstance(result, Fault)
    assert result[0] == "out_of_range"
    assert result[1].startswith(INTEGER)


@pytest.mark.parametrize("value", [None, True, False, [], {}, b"a", 1j])
def test_an_id_is_a_string_or_a_number(value: object) -> None:
    """A bool is neither."""
    assert check_id(value) == ("wrong_type", f"{INTEGER}{value!r}", None)


@pytest.mark.parametrize(
    ("text", "number"),
    [("33.30", 33.3), ("50", 50.0), ("1e1", 10.0), ("0", 0.0), ("100.0", 100.0), ("1E-2", 0.01)],
)
def test_a_json_number_in_a_string_is_a_progress(text: str, number: float) -> None:
    """Database drivers return the columns of NUMERIC and DECIMAL like this."""
    assert check_numeric_text(text) == number


def test_a_negative_zero_in_a_string_is_zero() -> None:
    """The wire has no negative zero."""
    assert str(check_numeric_text("-0")) == "0.0"


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", " 5", "5 ", "5\n", "+5", ".5", "5.", "05", "0x10", "1_0", "NaN", "Infinity"),
        *("\u0665", "5,0", "5%", "5\0", "true", "null", "--5", "1e"),
    ],
)
def test_a_string_with_anything_but_one_json_number_is_no_progress(text: str) -> None:
    """`float` and JavaScript's `Number` read some of them, each in its own way."""
    assert check_numeric_text(text) == ("wrong_type", f"{NUMBER}{text!r}", None)


@pytest.mark.parametrize("text", ["101", "-1", "100.00000000000001", "1e400", "-1e400"])
def test_a_number_in_a_string_has_the_range_of_progress(text: str) -> None:
    """The message has the text as it was sent."""
    assert check_numeric_text(text) == ("out_of_range", f"{NUMBER}{text!r}", None)


@pytest.mark.parametrize("value", [40, 40.0, True, None, [], 101])
def test_other_values_are_read_as_without_the_option(value: Any) -> None:
    """Only strings are new."""
    result = check_numeric_text(value)
    assert result == 40.0 or isinstance(result, Fault)


def test_a_megabyte_of_digits_is_read_in_no_time() -> None:
    """Neither the pattern nor the conversion takes quadratic time."""
    assert check_numeric_text("0." + "9" * 1_000_000) == 1.0
    assert isinstance(check_numeric_text("9" * 1_000_000), Fault)


def test_other_names_of_states_are_matched_exactly() -> None:
    """The interface's names keep their meaning."""
    check = make_check_state({"done": JobState.COMPLETED, "": JobState.QUEUED})
    assert check("done") is JobState.COMPLETED
    assert check("") is JobState.QUEUED
    assert check("failed") is JobState.FAILED
    for name in ("Done", "done ", "canceled"):
        result = check(name)
        assert isinstance(result, Fault)
        assert (result[0], result[2]) == ("unknown_state", name)
    assert isinstance(check(None), Fault)


def test_the_name_of_a_state_has_its_surrogate_pairs_joined() -> None:
    """It is matched in the form that it has on the wire."""
    pair, character = "\ud83d\ude00", "\U0001f600"
    codec = Codec(states={pair: "queued"})
    assert codec == Codec(states={character: "queued"})
    for text in (pair, character, "\\ud83d\\ude00"):
        assert codec.decode(f'{{"id":"a","status":"{text}"}}').status is JobState.QUEUED


@pytest.mark.parametrize(
    "text", ["2026-11-23T14:40:00.123Z", "2026", "20261123T154000,123+0100", "2026-W48-1T00Z"]
)
def test_any_date_is_a_string_of_either_format(text: str) -> None:
    """A string that one format rejects is read by the other."""
    results = {check_date(text), check_iso8601_date(text)}
    assert check_any_date(text) in results - {result for result in results if type(result) is Fault}


@given(dates().flatmap(lambda moment: st.tuples(st.just(moment), date_strings(moment, "any"))))
def test_any_date_has_one_meaning(drawn: tuple[Any, str]) -> None:
    """If both formats read a string, both return the same instant."""
    moment, text = drawn
    assert check_any_date(text) == moment
    found = {check(text) for check in (check_date, check_iso8601_date)}
    assert {result for result in found if type(result) is not Fault} <= {moment}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2026-11-23T14:40:00", "no_offset"),
        ("20261123T1440", "no_offset"),
        ("20261123", "no_offset"),
        ("10000-01-01T00:00Z", "invalid_date"),
        ("+010000-01-01T00:00Z", "out_of_range"),
        ("9999-12-31T23:59:59-01:00", "out_of_range"),
        ("99991231T235959-0100", "out_of_range"),
        ("23.11.2026", "invalid_date"),
        ("", "invalid_date"),
    ],
)
def test_a_string_that_neither_format_reads_is_no_date(text: str, code: str) -> None:
    """A time without an offset stays rejected, because nobody can know its zone."""
    result = check_any_date(text)
    assert isinstance(result, Fault)
    assert result[0] == code


def test_the_fault_of_an_invalid_date_names_both_formats() -> None:
    """The reader then knows what to send."""
    assert check_any_date("soon") == (
        "invalid_date",
        "expected a date like 2026-11-23T14:40:00.123Z, or an ISO 8601 date, got 'soon'",
        None,
    )


@pytest.mark.parametrize(
    ("number", "date"),
    [
        (0, "1970-01-01T00:00:00.000+00:00"),
        (1_763_908_800_123, "2025-11-23T14:40:00.123+00:00"),
        (1.9, "1970-01-01T00:00:00.001+00:00"),
        (-0.9, "1970-01-01T00:00:00.000+00:00"),
        (-1.9, "1969-12-31T23:59:59.999+00:00"),
        (-62_135_596_800_000, "0001-01-01T00:00:00.000+00:00"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999+00:00"),
        (Decimal(5), "1970-01-01T00:00:00.005+00:00"),
    ],
)
def test_a_number_of_milliseconds_is_a_date(number: object, date: str) -> None:
    """A fraction is dropped, as ``new Date`` does."""
    result: Any = check_milliseconds(number)
    assert result.isoformat(timespec="milliseconds") == date


@pytest.mark.parametrize(
    "number",
    [-62_135_596_800_001, 253_402_300_800_000, 8.64e15, 10**15, 1e308, float("inf"), float("nan")],
)
def test_milliseconds_outside_the_years_1_to_9999_are_out_of_range(number: object) -> None:
    """The message is that for strings."""
    message = f"expected an instant in the years 0001 to 9999, got {number!r}"
    assert check_milliseconds(number) == ("out_of_range", message, None)
    assert isinstance(check_milliseconds(10**400), Fault)


@pytest.mark.parametrize("value", [True, None, [], b"2026"])
def test_a_date_is_a_string_or_a_number(value: object) -> None:
    """A bool is neither."""
    expected = f"expected a string or a number of milliseconds, got {value!r}"
    assert check_milliseconds(value) == ("wrong_type", expected, None)


def test_with_milliseconds_strings_are_read_too() -> None:
    """They may have either format, but not a number."""
    assert check_milliseconds("20261123T00Z") == check_iso8601_date("20261123T00Z")
    assert isinstance(check_milliseconds("1763908800123"), Fault)
