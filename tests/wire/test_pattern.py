"""Which documents the pattern of V8's layout reads, and which fall back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from jobstatus import Codec, JobState, JobStatus
from tests.support.parsers import PARSERS

IGNORE = Codec()
DOCUMENT = '{"id":"a","status":"queued"}'
JOB = JobStatus("a", "queued")
decode, decode_array = PARSERS["json"]


def with_members(members: str) -> str:
    """Return the document with more members at its end."""
    return f"{DOCUMENT[:-1]},{members}}}"


@pytest.mark.parametrize("state", JobState)
def test_every_state_is_read(state: JobState) -> None:
    """The pattern maps the string to its member of JobState."""
    assert decode(f'{{"id":"a","status":"{state}"}}', IGNORE) == JobStatus("a", state)


@pytest.mark.parametrize("number", ["0", "9", "10", "99", "100", "0.5", "9.25", "99.125"])
def test_progress_from_0_to_100_is_read(number: str) -> None:
    """The number may be whole or have a fraction."""
    job = decode(with_members(f'"progress":{number}'), IGNORE)
    assert job == JobStatus("a", "queued", progress=float(number))


@pytest.mark.parametrize("number", ["00", "01", "101", "100.0", "1e1", "-1", "1.", ".5", "999"])
def test_other_numbers_fall_back(number: str) -> None:
    """V8 would write them differently, or they are outside the range."""
    assert decode(with_members(f'"progress":{number}'), IGNORE) is None


@pytest.mark.parametrize("blank", [" ", "\t", "\r", "\n", " \t\r\n", "  "])
def test_white_space_at_the_end_is_skipped(blank: str) -> None:
    """RFC 8259 allows four characters, after a document and after an array."""
    assert decode(DOCUMENT + blank, IGNORE) == JOB
    assert decode_array(f"[{DOCUMENT}]{blank}", IGNORE) == [JOB]
    assert decode_array(f"[{DOCUMENT}{blank},{DOCUMENT}]", IGNORE) == [JOB, JOB]


@pytest.mark.parametrize("character", ["\x0b", "\x0c", "\x00", "\x1c", "\xa0", "\u2028", "X", "]"])
def test_other_characters_at_the_end_fall_back(character: str) -> None:
    """Python's `str.strip` would remove more characters than RFC 8259 allows."""
    assert decode(DOCUMENT + character, IGNORE) is None
    assert decode_array(f"[{DOCUMENT}]{character}", IGNORE) is None


def test_all_five_fields_are_read_before_unknown_members() -> None:
    """Each value ends up in its own field."""
    members = '"progress":40,"estimatedCompletion":"2026-11-23T14:40:00.123Z","error":"b","x":1'
    assert decode(with_members(members), IGNORE) == JobStatus(
        "a",
        "queued",
        progress=40,
        estimated_completion=datetime(2026, 11, 23, 14, 40, 0, 123_000, tzinfo=UTC),
        error="b",
    )


@pytest.mark.parametrize(
    "value",
    [
        *("0", "-0", "10", "1.5", "0.25", "1e5", "1E5", "1e+5", "1E-5", "1.5e5"),
        *("true", "false", "null", '""', '"b"', '"[{"'),
    ],
)
def test_an_unknown_member_may_have_any_simple_value(value: str) -> None:
    """The blanks that json.dumps writes are accepted too."""
    assert decode(with_members(f'"x":{value},"y":{value}'), IGNORE) == JOB
    assert decode(with_members(f' "x": {value}, "y": {value}'), IGNORE) == JOB


@pytest.mark.parametrize(
    "members",
    [
        *('"x":True', '"x":"\\u0062"', '"x":[]', '"x":{}', '"x":"\u00e9"', '"\u00e9":1'),
        *('"x":"\x1f"', '"x\x00":1', '"x":1e+', '"x":--1', '"x":1,', '"id":"b"', '"status":1'),
        *('"x":1,"progress":5', '"x":1,"error":"b"', '"x":1,"estimatedCompletion":"2026"'),
    ],
)
def test_other_members_at_the_end_fall_back(members: str) -> None:
    """They are nested, escaped, not ASCII, invalid, or known keys in the wrong place."""
    assert decode(with_members(members), IGNORE) is None


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (r"\"", '"'),
        (r"a\\", "a\\"),
        (r"\ud83d\ude00", "\U0001f600"),
        (r"\ud800", "\ud800"),
        (r"\t\u0000", "\t\0"),
        ("caf\u00e9", "caf\u00e9"),
    ],
    ids=ascii,
)
def test_an_error_may_have_escapes(raw: str, text: str) -> None:
    """Escaped surrogate pairs are joined into one character."""
    document = with_members(f'"error":"{raw}"')
    assert decode(document, IGNORE) == JobStatus("a", "queued", error=text)
    assert decode(document.encode(), IGNORE) == JobStatus("a", "queued", error=text)


@pytest.mark.parametrize(
    "raw", ['b"', r'\\"', '"', 'b"c', '""', "\\", "b\nc", "b\n", "\x1f"], ids=ascii
)
def test_an_error_with_an_unescaped_character_falls_back(raw: str) -> None:
    """RFC 8259 requires escapes for controls, quotes and backslashes."""
    assert decode(with_members(f'"error":"{raw}"'), IGNORE) is None


def test_an_escaped_quote_does_not_end_an_error_in_an_array() -> None:
    """Each item keeps its own error text."""
    items = [with_members(f'"error":"{error}"') for error in (r"\"", r"a\"b\"c", "d", "")]
    jobs = decode_array(f"[{','.join(items)}]", IGNORE)
    assert [job.error for job in jobs] == ['"', 'a"b"c', "d", ""]


@pytest.mark.parametrize("separator", [",", ", "])
def test_a_separator_is_a_comma_with_or_without_a_space(separator: str) -> None:
    """V8 writes a comma, and json.dumps writes a comma and a space."""
    assert decode_array(f"[{separator.join([DOCUMENT] * 3)}]", IGNORE) == [JOB] * 3


def test_an_array_may_mix_both_separators() -> None:
    """They may come in any order."""
    data = f"[{DOCUMENT}, {DOCUMENT},{DOCUMENT}, {DOCUMENT}]"
    assert decode_array(data, IGNORE) == decode_array(data.encode(), IGNORE) == [JOB] * 4


@pytest.mark.parametrize("separator", ["", " ", ",,", ",  ", ";", "], [", "\n,\t"])
def test_other_separators_fall_back(separator: str) -> None:
    """They fall back even if they are valid JSON."""
    assert decode_array(f"[{DOCUMENT}{separator}{DOCUMENT},{DOCUMENT}]", IGNORE) is None


@pytest.mark.parametrize("start", ["", "[[", " [", "[ ", "{", "[,"])
def test_other_starts_of_an_array_fall_back(start: str) -> None:
    """They fall back even if they are valid JSON."""
    assert decode_array(f"{start}{DOCUMENT}]", IGNORE) is None
