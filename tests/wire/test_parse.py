"""Edge cases of the JSON parser: white space, depth, long integers and constants."""

from __future__ import annotations

from unittest.mock import Mock

import pytest

from jobstatus import DecodeError
from jobstatus._wire import _json
from jobstatus._wire._json import ESCAPED, format_fraction, malformed, parse

MAX_DEPTH = 64


def code(text: str) -> str:
    """Return the code of the only problem in a document."""
    with pytest.raises(DecodeError) as refused:
        parse(text, MAX_DEPTH)
    (problem,) = refused.value.problems
    return problem.code


@pytest.fixture
def is_deep(monkeypatch: pytest.MonkeyPatch) -> Mock:
    """Record the calls of `is_deep`, the slow scan for the depth."""
    counted = Mock(side_effect=_json.is_deep)
    monkeypatch.setattr(_json, "is_deep", counted)
    return counted


def test_the_table_marks_the_characters_that_must_be_escaped() -> None:
    """Control characters, the quote and the backslash map to a non-ASCII byte."""
    assert [c for c in range(256) if ESCAPED[c] > ord("\x7f")] == [*range(32), *b'"\\']


@pytest.mark.parametrize("blank", [" ", "\t", "\r", "\n", " \t\r\n"])
def test_white_space_around_a_value_is_skipped(blank: str) -> None:
    """RFC 8259 allows four characters: space, tab, line feed and carriage return."""
    assert parse(f"{blank}7{blank}", MAX_DEPTH) == 7


@pytest.mark.parametrize("character", ["\x0b", "\x0c", "\x00", "\x1c", "\xa0", "\ufeff", "X"])
def test_other_characters_around_a_value_are_rejected(character: str) -> None:
    """Python's `str.strip` would remove more characters than RFC 8259 allows."""
    assert code(f"{character}7") == "invalid_json"
    assert code(f"7{character}") == "invalid_json"


@pytest.mark.parametrize("text", ["[" * 65, "1" + "[" * 65, "NaN" + "{" * 65, '{"a":' * 65])
def test_excessive_depth_is_reported_before_a_syntax_error(text: str) -> None:
    """The position of the syntax error does not matter."""
    assert code(text) == "too_deep"


def test_a_document_at_the_maximum_depth_is_read() -> None:
    """One more level is too deep."""
    assert parse("[" * 64 + "]" * 64, MAX_DEPTH)
    assert code("[" * 65 + "]" * 65) == "too_deep"
    assert parse('{"a":' * 64 + "1" + "}" * 64, MAX_DEPTH)
    assert code('{"a":' * 65 + "1" + "}" * 65) == "too_deep"


@pytest.mark.parametrize(
    "text", ["[1]", f'["{"b" * 124}"]', f'{{"a":"{"b" * 200}"}}', f'"{"b" * 200}"'], ids=len
)
def test_the_depth_of_short_or_flat_documents_is_not_scanned(text: str, is_deep: Mock) -> None:
    """Short documents, and documents with a single bracket, cannot be too deep."""
    parse(text, MAX_DEPTH)
    is_deep.assert_not_called()


@pytest.mark.parametrize("text", [f'["{"b" * 125}"]', f'{{"a":{{}},"b":"{"b" * 200}"}}'], ids=len)
def test_the_depth_of_long_nested_documents_is_scanned(text: str, is_deep: Mock) -> None:
    """Only the scan can show whether they are too deep."""
    parse(text, MAX_DEPTH)
    is_deep.assert_called_once_with(text, MAX_DEPTH)


@pytest.mark.parametrize("digits", [401, 5000])
def test_an_integer_that_is_too_large_for_a_double_is_infinity(digits: int) -> None:
    """ECMAScript does this too, and int() would be slow or raise ValueError."""
    assert parse("9" * digits, MAX_DEPTH) == float("inf")


def test_an_integer_of_400_digits_is_exact() -> None:
    """Up to this length, int() is fast enough."""
    assert parse("9" * 400, MAX_DEPTH) == 10**400 - 1
    assert parse(f"[{'9' * 400}, 7]", MAX_DEPTH) == [10**400 - 1, 7]


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("size", [0, 500])
def test_constants_of_javascript_are_not_json(constant: str, size: int) -> None:
    """Short and long documents use different scanners, and both reject them."""
    assert code(f"[{constant}]{' ' * size}") == "invalid_json"


@pytest.mark.parametrize(
    ("number", "text"), [(9.5e-5, "0.000095"), (1e-6, "0.000001"), (9e-7, "9e-7"), (1e-10, "1e-10")]
)
def test_only_fractions_below_1e_6_have_an_exponent(number: float, text: str) -> None:
    """ECMAScript sets this limit, and Python's repr has another one."""
    assert format_fraction(number) == text


def test_ascii_bytes_skip_the_check_of_their_encoding(monkeypatch: pytest.MonkeyPatch) -> None:
    """ASCII is always valid UTF-8, so nothing can need reporting."""
    monkeypatch.delattr(_json, "decode_utf8")
    assert parse(b"[7]", MAX_DEPTH) == [7]


def test_an_error_of_a_stream_has_a_line() -> None:
    """The line says that the fault is in the stream itself, not in one of its documents."""
    error = malformed("invalid_json", "no end", 7)
    assert (error.line, str(error)) == (7, "line 7: payload: no end [invalid_json]")
    assert malformed("invalid_json", "no end").line is None
