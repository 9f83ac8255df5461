"""A stream is cut into its documents, whatever it is and however it comes."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobstatus import DecodeError
from jobstatus._documents import CHUNK, LocatedDocument, split
from tests.laws.values import json_values
from tests.streams import Trickle, stream_of


def cut(data: bytes, size: int = 1 << 16) -> list[tuple[int, str, bytes]]:
    """Return the line, pointer and bytes of each document."""
    return [(d.line, d.pointer, d.data.strip()) for d in split(stream_of(data, size), 64)]


def problem(data: bytes) -> tuple[list[LocatedDocument], int | None, str]:
    """Return the documents before the problem, its line and its message."""
    stream, found = stream_of(data), list[LocatedDocument]()
    with pytest.raises(DecodeError) as refused:
        found.extend(split(stream, 64))
    (malformed,) = refused.value.problems
    assert (malformed.pointer, malformed.code) == ("", "invalid_json")
    return found, refused.value.line, malformed.message


@pytest.mark.parametrize("data", [b"", b"\n", b" \t\r\n\n"])
def test_a_blank_stream_has_no_documents(data: bytes) -> None:
    """Nothing was read, and nothing is wrong."""
    assert cut(data) == []


def test_ndjson_has_a_document_a_line() -> None:
    """Blank lines are passed over, and counted."""
    assert cut(b'{"id":1}\n\n{"id":2}\r\n{"id":3}') == [
        (1, "", b'{"id":1}'),
        (3, "", b'{"id":2}'),
        (4, "", b'{"id":3}'),
    ]


@pytest.mark.parametrize("first", [b'{"id":', b"\xff", b"oops", b'{"id": "a', b"oops\nand again"])
def test_ndjson_may_begin_with_damaged_lines(first: bytes) -> None:
    """An object on a line of its own tells."""
    assert cut(first + b'\n{"id":2}\n')[-1] == (first.count(b"\n") + 2, "", b'{"id":2}')


def test_lines_that_are_no_json_are_not_read_as_one_without_end() -> None:
    """Beyond what is read ahead, a document begins with a brace."""
    assert len(cut(b"oops\n" * (1 << 18))) == 1 << 18


@pytest.mark.parametrize("break_", [0, 1])
def test_ndjson_may_begin_with_a_damaged_line_and_be_long(break_: int) -> None:
    """What was read ahead is cut where its lines end, and nowhere else."""
    line = b'{"id":"' + b"x" * (8 - break_) + b'"}\n'
    count = (1 << 20) // len(line) + 3
    found = cut(b"oops\n" + line * count)
    assert found[0] == (1, "", b"oops")
    assert found[1:] == [(number + 2, "", line.strip()) for number in range(count)]


@pytest.mark.parametrize(
    "data",
    [
        b'{"id":1}',
        b'\n{"id":\n',
        b"\xef\xbb\xbf{}",
        b"nonsense",
        b'{\n "id": 1\n}\n',
        b'{"a":\n{"b":1},\n\n"id":"a"}',
        b'{"a":[\n{"b":1}\n]}',
        b'{"a":[\n1\n]',
        b'{\n"id":"' + b"x" * (1 << 21) + b'",\n"status":"queued"\n}',
    ],
)
def test_a_document_may_be_alone(data: bytes) -> None:
    """On a line or on several, damaged or not; its bytes are as they stood."""
    assert [document for _, _, document in cut(data)] == [data.strip()]


def test_a_document_on_several_lines_begins_on_its_first() -> None:
    """Blank lines before it are counted."""
    assert cut(b'\n{ "id":\n1,\n"x": {}}\n') == [(2, "", b'{ "id":\n1,\n"x": {}}')]


def test_ndjson_of_other_values_is_ndjson() -> None:
    """The first line is JSON, so that the second need not begin an object."""
    assert cut(b"{}\n7\n") == [(1, "", b"{}"), (2, "", b"7")]


def test_an_array_has_a_document_an_item() -> None:
    """Each with the line where it begins, and the pointer into the array."""
    data = b'\n [{"id":1},\n\n  {"id": [2, "]"],\n "x": "},"} , 7\n]\n\n'
    assert cut(data) == [
        (2, "/0", b'{"id":1}'),
        (4, "/1", b'{"id": [2, "]"],\n "x": "},"}'),
        (5, "/2", b"7"),
    ]


@pytest.mark.parametrize("data", [b"[]", b" [ \n ] "])
def test_an_empty_array_has_no_documents(data: bytes) -> None:
    """Nothing was read, and nothing is wrong."""
    assert cut(data) == []


@pytest.mark.parametrize(
    ("data", "items"),
    [
        (b"[1,]", [b"1", b""]),
        (b"[,]", [b"", b""]),
        (b"[1 2]", [b"1 2"]),
        (b'[{"a":1}}, 2]', [b'{"a":1}}', b"2"]),
        (b'[{"a":1, 2]', None),
    ],
)
def test_what_stands_between_the_commas_need_not_be_json(
    data: bytes, items: list[bytes] | None
) -> None:
    """It is the decoder that refuses it."""
    if items is None:
        found, _, message = problem(data)
        assert [document.data.strip() for document in found] == [b'{"a":1, 2]']
        assert message == "payload: expected ], got the end"
    else:
        assert [document for _, _, document in cut(data)] == items


def test_an_array_that_is_not_closed_is_a_problem_after_its_items() -> None:
    """The line is the last."""
    found, line, message = problem(b'[{"id":1},\n{"id":2}\n')
    assert [document.line for document in found] == [1, 2]
    assert (line, message) == (3, "payload: expected ], got the end")
    assert problem(b"[")[0] == problem(b"[1,")[0][1:] == []


@pytest.mark.parametrize("blank", [b"\n", b"\n" * 200_000, b"\n" + b" " * 200_000])
@pytest.mark.parametrize("array", [b'[{"id":1}]', b"[\n]", b"[]"])
def test_text_after_an_array_is_a_problem(array: bytes, blank: bytes) -> None:
    """An array is the only document of its stream, however far the text is from it."""
    found, line, message = problem(array + blank + b"garbage")
    assert len(found) == array.count(b"{")
    assert line == (array + blank).count(b"\n") + 1
    assert message == "payload: expected the end after ], got b'garbage'"


@given(st.lists(json_values), st.integers(1, 7), st.sampled_from([None, 1]))
def test_items_are_what_json_loads_finds(
    values: list[object], size: int, indent: int | None
) -> None:
    """However small the chunks are, and wherever they cut strings and escapes."""
    text = json.dumps(values, indent=indent)
    found: list[Any] = [json.loads(data) for _, _, data in cut(text.encode(), size)]
    assert json.dumps(found) == json.dumps(values)


def test_blanks_around_an_array_are_passed_over_in_linear_time() -> None:
    """They are not kept."""
    blank = b" \n" * 4_000_000
    assert cut(blank + b"[1]" + blank) == [(4_000_001, "/0", b"1")]


@pytest.mark.parametrize("filler", [b"\\\\", b'\\"', b"[", b"]", b"x"])
def test_a_huge_string_is_passed_over_in_linear_time(filler: bytes) -> None:
    """A megabyte in one string is one item."""
    item = b'"' + filler * (1_000_000 // len(filler)) + b'"'
    assert [data for _, _, data in cut(b"[" + item + b"]")] == [item]


def test_documents_are_read_as_they_are_asked_for() -> None:
    """The first item is there before the stream has ended."""
    endless = Trickle(b'[{"id":1},' + b" " * (10 * CHUNK) + b"2]", 1000)
    first = next(split(io.BufferedReader(endless), 64))
    assert endless.data.tell() < 2 * CHUNK
    assert first == LocatedDocument(1, "/0", b'{"id":1}')
