"""Every message has the same form: the expected value, then the given one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any
from unittest.mock import Mock

import pytest

from jobstatus import Codec, DecodeError, InvalidValueError
from jobstatus._untrusted import excerpt
from jobstatus._wire import _json
from jobstatus.dates import normalize_date, parse_date, parse_iso8601_date
from jobstatus.history import check_history, merge
from tests.test_dates import Nowhere

EXAMPLE = "2026-11-23T14:40:00.123Z"
NAIVE = datetime(2024, 1, 1)  # noqa: DTZ001 - to be rejected
EARLIEST = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1)))


def message(data: str | bytes, **options: Any) -> str:
    """Return the message of the one problem of a document."""
    with pytest.raises(DecodeError) as rejected:
        Codec(**options).decode(data)
    (problem,) = rejected.value.problems
    return problem.message


@pytest.mark.parametrize(
    ("parse", "value", "expected"),
    [
        (parse_date, b"2024", "a string"),
        (parse_date, "tomorrow", f"a date like {EXAMPLE}"),
        (parse_date, "2024-01-01T00:00", f"a date with an offset, like {EXAMPLE}"),
        (parse_date, "-000000-01-01", "a year other than -000000"),
        (parse_date, "0000-01-01", "a year from 0001 to 9999"),
        (parse_date, "2023-02-29", "a day and time that exist"),
        (parse_date, "9999-12-31T24:00Z", "an instant in the years 0001 to 9999"),
        (parse_iso8601_date, "tomorrow", "an ISO 8601 date"),
        (parse_iso8601_date, "2024-02-29", "an ISO 8601 date and time with an offset"),
        (parse_iso8601_date, "9999-12-31T24:00Z", "an instant in the years 0001 to 9999"),
        (normalize_date, "2024-02-29", "an aware datetime"),
        (normalize_date, NAIVE, "an aware datetime"),
        (normalize_date, EARLIEST, "an instant in the years 0001 to 9999"),
        (
            normalize_date,
            datetime(2024, 1, 1, tzinfo=Nowhere(KeyError())),
            "a datetime that converts to UTC",
        ),
    ],
)
def test_the_message_of_an_invalid_date_shows_the_value(
    parse: Callable[[Any], datetime], value: object, expected: str
) -> None:
    """The value is a string or a datetime."""
    with pytest.raises(InvalidValueError) as rejected:
        parse(value)
    assert rejected.value.message == f"expected {expected}, got {excerpt(value)}"


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (b'{"id":"\xff"}', r"invalid UTF-8 at byte 7, got b'\xff'"),
        ("{} x", "invalid JSON at character 3, near 'x'"),
        ('{"id":', "invalid JSON at character 6, the text ends too early"),
        ('{"id":NaN}', "invalid JSON, got NaN"),
        ("[" * 65, "expected at most 64 nested levels, got more"),
        ("[]", "expected an object, got []"),
    ],
)
def test_the_message_of_an_invalid_document_shows_the_place(
    document: str | bytes, expected: str
) -> None:
    """The place is a byte or a character, followed by the text there."""
    assert message(document) == f"payload: {expected}"


def test_the_text_after_a_document_is_cut() -> None:
    """A message must fit into a line of a log."""
    assert message("{}" + "x" * 1000) == (
        f"payload: invalid JSON at character 2, near '{'x' * 76}..."
    )


def test_a_full_stack_has_its_own_message(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has no number, because the recursion limit that is left is unknown."""
    monkeypatch.setattr(_json, "_scan_short", Mock(side_effect=RecursionError))
    assert message("[]") == "payload: nested too deep for the recursion limit that is left"


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ('"status":"queued"', "id: required key is missing"),
        (
            '"id":"a"',
            "status: required key is missing",
        ),
        (
            '"id":"a","status":"queued","estimatedCompletion":null',
            "estimatedCompletion: expected a value or no key, got null",
        ),
        (
            '"id":"a","status":"queued","x":1',
            "payload: unknown key 'x'",
        ),
    ],
)
def test_the_message_names_a_missing_null_or_unknown_key(members: str, expected: str) -> None:
    """It has the key of the wire, not the name of the field."""
    assert message(f"{{{members}}}", unknown_keys="reject") == expected


def audit(job: Any) -> object:
    """Return the findings of a history with one job."""
    return [*check_history([job])]


TAKERS: list[Callable[[Any], object]] = [
    Codec().encode,
    Codec().to_payload,
    audit,
    merge,
]


@pytest.mark.parametrize("impostor", ["a", None])
@pytest.mark.parametrize("take", TAKERS)
def test_the_message_shows_a_value_that_is_not_a_job(
    take: Callable[[Any], object], impostor: object
) -> None:
    """It is a TypeError, because the calling code is wrong, not a payload."""
    with pytest.raises(TypeError) as rejected:
        take(impostor)
    assert str(rejected.value) == f"expected a JobStatus, got {impostor!r}"
