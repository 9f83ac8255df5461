"""JSON values are extracted from lines, and a damaged value affects no other line."""

from __future__ import annotations

import json
import re
from itertools import chain
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jobstatus._wire import _json
from jobstatus.streams import _values
from jobstatus.streams._values import Document, Values
from tests.support.values import json_objects

GOOD = b'{"id":"a"}'
FRAGMENTS = (
    *(
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b'"a"',
        b'"a":',
        b'"\\"',
        b'"',
        b"1",
        b"-",
        b"01",
        b"null",
    ),
    *(b" ", b"\n", b"\n", b"{\n", b"[\n", b'{"a":\n', b"1,\n", b'{"a":[1,{}]}', b"\xff"),
)


def cut(data: bytes, max_depth: int = 64, size: int = 1 << 16) -> list[Document]:
    """Return the line and the bytes of each document."""
    lines = re.findall(rb"[^\n]*\n|[^\n]+", data)
    pieces = (line[at : at + size] for line in lines for at in range(0, len(line), size))
    values = Values(max_depth)
    documents = [doc for piece in chain(pieces, [b""]) for doc in values.feed(piece)]
    while values.is_open:
        documents += values.feed(b"")
    return [(line, data and data.strip(b" \t\r\n")) for line, data in documents]


@pytest.mark.parametrize("data", [b"", b"\n", b" \t\r\n\n"])
def test_blanks_contain_no_documents(data: bytes) -> None:
    """Blank lines are skipped."""
    assert cut(data) == []


def test_a_value_may_span_lines() -> None:
    """It has the number of its first line, and blank lines count."""
    data = b'\n{ "id":\n1,\n"x": {}}\n{"id":2}\r\n\n[\n]'
    assert cut(data) == [(2, b'{ "id":\n1,\n"x": {}}'), (5, b'{"id":2}'), (7, b"[\n]")]


def test_a_line_may_have_several_values() -> None:
    """Each is a document with the number of that line."""
    assert cut(b'{"id":1}{"id":2} []\n{"id":3}{\n}') == [
        (1, b'{"id":1}'),
        (1, b'{"id":2}'),
        (1, b"[]"),
        (2, b'{"id":3}'),
        (2, b"{\n}"),
    ]


@pytest.mark.parametrize("data", [b"7", b'"a"', b"null", b"oops", b'"id": "a",', b"7 {}", b"}{}"])
def test_other_text_extends_to_the_end_of_its_line(data: bytes) -> None:
    """So a member of a damaged object is one problem, not two."""
    assert cut(data + b"\n" + GOOD) == [(1, data), (2, GOOD)]


@given(
    st.lists(
        json_objects.filter(lambda value: not re.search("NaN|Inf", json.dumps(value))), max_size=4
    ),
    st.sampled_from([None, 1]),
)
def test_valid_values_end_where_json_ends_them(values: list[object], indent: int | None) -> None:
    """There may be newlines between and inside them."""
    for separator in ("", "\n"):
        data = separator.join(json.dumps(value, indent=indent) for value in values).encode()
        found: list[Any] = [json.loads(text or b"") for _, text in cut(data, 500)]
        assert json.dumps(found) == json.dumps(values)


@pytest.mark.parametrize(
    "damaged",
    [
        b'{"id":"a',  # a quote is missing
        b'{"id":"a\x01"',
        b'{"id":"\\x"',
        b'{"id":"\\u12g4"',
        b'{"id"}',
        b'{"id",',
        b'{"id":}',
        b'{"id":1,}',
        b'{"id":1 "x":2}',
        b'{"id":1]',
        b"{1",
        b"{,",
        b"{]",
        b"[[,",
        b"[1}",
        b"[1 2",
        b"[1,]",
        b"[1:",
        b"[01",
        b"[1.",
        b"[-",
        b"[1e",
        b"[+1",
        b"[NaN",
        b"[nulll",
        b"[\x0c",
        b"[\xff",
        b"[\xef\xbb\xbf",
    ],
)
def test_a_fault_is_found_on_its_line(damaged: bytes) -> None:
    """So the next line is read normally."""
    first = b'{"x":[1.5e-3,true,"\\u00e9\\n"]}'
    found = cut(first + damaged + b"\n" + GOOD)
    assert found == [(1, first), (1, damaged), (2, GOOD)]


@pytest.mark.parametrize("damaged", [b'{"x":', b'{"id":"a"', b'{"id":"a",', b"{", b"[", b'{"id"'])
def test_a_damaged_line_affects_no_other_line(damaged: bytes) -> None:
    """The next line is separate even if it could continue the damaged value."""
    lines = [damaged, GOOD, GOOD, damaged, GOOD]
    starts = [(line, (text or b"").partition(b"\n")[0]) for line, text in cut(b"\n".join(lines))]
    assert starts == [*enumerate(lines, start=1)]


def test_a_damaged_value_has_all_lines_up_to_the_fault() -> None:
    """The decoder then finds the position. These lines are read again afterwards."""
    data = b'{\n "x": [\n {"y": 1},\n oops\n ]\n}\n'
    assert cut(data) == [
        (1, b'{\n "x": [\n {"y": 1},\n oops'),
        (2, b'"x": ['),
        (3, b'{"y": 1}'),
        (3, b","),
        (4, b"oops"),
        (5, b"]"),
        (6, b"}"),
    ]


def test_values_inside_a_damaged_value_are_returned() -> None:
    """Each begins a line, and may be complete or not."""
    data = b'{"a":\n[1,\n{"x":1},\n{"y":\n{"z":2}\n},\n{"b":\n'
    assert cut(data) == [
        (1, data.strip()),
        (2, b"[1,"),
        (3, b'{"x":1}'),
        (3, b","),
        (4, b'{"y":\n{"z":2}\n}'),
        (6, b","),
        (7, b'{"b":'),
    ]


def test_a_value_that_is_too_deep_is_damaged() -> None:
    """The values inside it may be shallow enough."""
    assert cut(b"[[]]\n[[[]]]\n[]", 2) == [(1, b"[[]]"), (2, b"[[[]]]"), (3, b"[]")]
    assert cut(b"[\n[\n[\n]\n]\n]", 2) == [(1, b"[\n[\n["), (2, b"[\n[\n]\n]"), (6, b"]")]


def test_a_document_has_a_maximum_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """A longer one is returned without its bytes, and reading resumes at the next line."""
    monkeypatch.setattr(_json, "MAX_DOCUMENT", 20)
    fits, long = b'["' + b"x" * 16 + b'"]', b'["' + b"x" * 17 + b'"]'
    for size in (1, 7, 100):
        assert cut(fits + fits + b"\n" + GOOD, size=size) == [(1, fits), (1, fits), (2, GOOD)]
        assert cut(long + fits + b"\n" + GOOD, size=size) == [(1, None), (2, GOOD)]
        assert cut(b"[" + b" " * 30 + b"\n" + GOOD, size=size) == [(1, None), (2, GOOD)]
        assert cut(b"oops" * 10 + b"\n" + GOOD, size=size) == [(1, None), (2, GOOD)]
        assert cut(b"[" + b"\n" * 30 + GOOD, size=size) == [(1, None), (31, GOOD)]


@pytest.mark.parametrize("last", [b"3,4,5,6,7,8,9]", b"3,4,5,6,7,8,9,"])
def test_the_lines_of_a_value_that_is_too_long_are_read_again(
    monkeypatch: pytest.MonkeyPatch, last: bytes
) -> None:
    """The first line is lost. The value may be complete or not on its last line."""
    monkeypatch.setattr(_json, "MAX_DOCUMENT", 20)
    data = b"[\n[1],\n[\n2],\n" + last + b"\n" + GOOD
    for size in (2, 5, 100):
        assert cut(data, size=size) == [
            (1, None),
            (2, b"[1]"),
            (2, b","),
            (3, b"[\n2]"),
            (4, b","),
            (5, last),
            (6, GOOD),
        ]


@example(b'{"a":\n{"a":\n[{"a":1}\n-]', 2)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=30).map(b"".join), st.integers(1, 3))
def test_pieces_of_lines_may_end_anywhere(data: bytes, max_depth: int) -> None:
    """The documents are the same for any size of pieces."""
    whole = cut(data, max_depth)
    for size in range(1, 6):
        assert cut(data, max_depth, size) == whole


class CountingPattern:
    """A pattern that counts its matches."""

    def __init__(self, pattern: re.Pattern[bytes]) -> None:
        self.pattern, self.count = pattern, 0

    def match(self, data: bytes, position: int) -> re.Match[bytes] | None:
        """Match at a position, and count."""
        self.count += 1
        return self.pattern.match(data, position)


@pytest.mark.parametrize(
    ("line", "tokens"),
    [
        (b"{\n", 1),
        (b'"\n', 1),
        (b"[\n", 1),
        (b'{"a":\n', 3),
        (b'{"a":[\n', 4),
        (b"[1,\n", 3),
        (b"[\n1,\n", 3),
        (b"[{},\n", 4),
        (b"[\n\n{},\n", 4),
        (b'{"a":[\n1,[\n', 7),
    ],
)
@pytest.mark.parametrize("max_depth", [1, 64, 500])
def test_values_without_end_are_read_in_linear_time(
    line: bytes, tokens: int, max_depth: int
) -> None:
    """Each token is read a few times, not once per level or line."""
    pattern = CountingPattern(_values.TOKEN)
    with patch.object(_values, "TOKEN", pattern):
        assert len(cut(line * 2_000, max_depth)) >= 2_000
    # At most four reads per token, per end of a line, and per recovery after it.
    assert pattern.count < 4 * 2_000 * (tokens + 2 * line.count(b"\n") + 1)
