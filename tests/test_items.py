"""Arrays are split into items, and a damaged item affects few others."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobstatus import Codec, DecodeError, JobStatus
from jobstatus.streams import _stream
from jobstatus.streams._stream import CHUNK
from tests.support.streams import cut, faults, read, results
from tests.support.values import json_values

JOB = JobStatus.queued("a")
GOOD = b'{"id":"a","status":"queued"}'


def test_each_item_of_an_array_is_a_document() -> None:
    """Its line is the one on which it begins, and its pointer is its index."""
    data = b'\n [{"id":1},\n\n  {"id": [2, "]"],\n "x": "},"} , 7\n]\n\n'
    assert cut(data) == [
        (2, "/0", b'{"id":1}'),
        (4, "/1", b'{"id": [2, "]"],\n "x": "},"}'),
        (5, "/2", b"7"),
    ]


@pytest.mark.parametrize("data", [b"[]", b" [ \n ] "])
def test_an_empty_array_has_no_documents(data: bytes) -> None:
    """It has no problems either."""
    assert read(data) == []


@pytest.mark.parametrize(
    ("data", "items"),
    [
        (b"[1,]", [b"1", b""]),
        (b"[,]", [b"", b""]),
        (b"[1 2]", [b"1 2"]),
        (b'[{"a":1}}, 2]', [b'{"a":1}}', b"2"]),
        (b'[{"a":1}{"a":2}, oops]', [b'{"a":1}{"a":2}', b"oops"]),
    ],
)
def test_the_bytes_between_the_commas_need_not_be_json(data: bytes, items: list[bytes]) -> None:
    """The decoder rejects them later."""
    assert [text for _, _, text in cut(data)] == items
    assert faults(data) == []


@pytest.mark.parametrize(
    ("data", "items", "line"),
    [
        (b'[{"id":1},\n{"id":2}\n', [b'{"id":1}', b'{"id":2}'], 3),
        (b'[{"a":1, 2]', [b'{"a":1, 2]'], 1),
        (b'["a", "b', [b'"a"', b'"b'], 1),
        (b'["\\', [b'"\\'], 1),
        (b"[1,", [b"1"], 1),
        (b"[\n", [], 2),
    ],
)
def test_an_unclosed_array_is_a_problem_after_its_items(
    data: bytes, items: list[bytes], line: int
) -> None:
    """Its line is the last one."""
    for size in (1, CHUNK):
        assert [text for _, _, text in cut(data, size)[:-1]] == items
    assert faults(data) == [
        (line, "payload: expected ] at the end of the array, got the end of the file")
    ]


@pytest.mark.parametrize("blank", [b"\n", b"\n" * 200_000, b"\n" + b" " * 200_000])
@pytest.mark.parametrize("array", [b'[{"id":1}]', b"[\n]", b"[]", b"[] oops"])
def test_text_after_an_array_is_a_problem(array: bytes, blank: bytes) -> None:
    """The text is read too, unless it is on the same line."""
    data = array + blank + GOOD + b"\n\x1e"
    line = (array + blank).count(b"\n") + 1
    expected = [(line, "payload: expected the end of the file after the array")]
    if array.endswith(b"oops"):
        expected.insert(0, (1, "payload: expected the end of the file after the array"))
    assert faults(data) == expected
    assert [result for _, _, result in results(data)][-2:] == [JOB, "invalid_json"]


def test_several_arrays_are_read() -> None:
    """Each array after the first is a problem, because a file has one document."""
    data = b"[" + GOOD + b"]\n[" + GOOD + b"]\n"
    assert results(data) == [(1, "/0", JOB), (2, "", "invalid_json"), (2, "/0", JOB)]


@given(st.lists(json_values), st.integers(1, 7), st.sampled_from([None, 1]))
def test_items_equal_those_of_json_loads(
    values: list[object], size: int, indent: int | None
) -> None:
    """Chunks may be small, and may split strings and escapes."""
    text = json.dumps(values, indent=indent)
    found: list[Any] = [json.loads(item) for _, _, item in cut(text.encode(), size)]
    assert json.dumps(found) == json.dumps(values)


def test_blanks_around_an_array_are_skipped_in_linear_time() -> None:
    """They are not kept in memory."""
    blank = b" \n" * 4_000_000
    assert cut(blank + b"[1]" + blank) == [(4_000_001, "/0", b"1")]


@pytest.mark.parametrize("filler", [b"\\\\", b'\\"', b"[", b"]", b"x"])
def test_a_huge_string_is_read_in_linear_time(filler: bytes) -> None:
    """The string has a million bytes, in one item."""
    item = b'"' + filler * (1_000_000 // len(filler)) + b'"'
    assert [data for _, _, data in cut(b"[" + item + b"]")] == [item]


@pytest.mark.parametrize("separator", [b",", b",\n", b"\n,"])
def test_an_item_without_its_quote_is_one_problem(separator: bytes) -> None:
    """Only brackets and commas count in the rest of its line."""
    lost = b'{"id":"a,"status":"queued","error":"\\"}'
    data = b"[" + separator.join([GOOD, lost + b"\n", GOOD, lost + b"\\\n", GOOD]) + b"]"
    expected = [JOB, "invalid_json", JOB, "invalid_json", JOB]
    assert [result for _, _, result in results(data)] == expected
    assert [pointer for _, pointer, _ in results(data)] == ["/0", "/1", "/2", "/3", "/4"]


@pytest.mark.parametrize(
    ("first", "others"),
    [
        (b"[", 0),
        (b"[" + GOOD, 1),
        (b"[oops", 1),
        (b'["oops', 1),
        (b'[{"id":"a"', 1),
        (b'[{"x":[{', 1),
        (b"[" + b"{" * 2_000 + b"}" * 1_999, 1),
    ],
)
@pytest.mark.parametrize("chunk", [1, 3, CHUNK])
def test_a_bracket_before_ndjson_loses_no_line(
    monkeypatch: pytest.MonkeyPatch, first: bytes, others: int, chunk: int
) -> None:
    """Each line is an item, as if commas separated them."""
    monkeypatch.setattr(_stream, "CHUNK", chunk)
    documents = results(b"\n".join([first, *[b" " + GOOD] * 9, b""]))
    places = [(line, pointer) for line, pointer, result in documents if result == JOB]
    assert places[-9:] == [(line + 2, f"/{line + others}") for line in range(9)]
    assert documents[-1] == (11, "", "invalid_json")


def test_a_missing_comma_is_a_problem() -> None:
    """Only the first missing comma is reported, after the items."""
    data = b"[" + b"\n".join([GOOD] * 4) + b"]"
    assert [result for _, _, result in results(data)] == [JOB, JOB, JOB, JOB, "invalid_json"]
    assert faults(data) == [(2, "payload: expected a comma or ] after an item")]


@pytest.mark.parametrize("lost", [b'{"id":"a","x":{}', b'{"id":"a","x":[]'])
def test_an_item_without_its_bracket_is_one_problem(lost: bytes) -> None:
    """A next line that begins with a bracket is an item, unless the open item allows it."""
    good = b'{"id":"a","status":"queued","x":[\n{"y":\n[[\n],\n[]]},\n{}]}'
    data = b"[\n" + b",\n".join([good, lost, good, lost + b" ", good]) + b"]"
    expected = [JOB, "invalid_json", JOB, "invalid_json", JOB]
    assert [result for _, _, result in results(data)] == expected


@pytest.mark.parametrize("max_depth", [1, 2, 3, 64])
def test_an_array_counts_as_a_level_of_nesting(max_depth: int) -> None:
    """An item is too deep exactly if decode_array reports that."""
    nested = b'{"id":"a","status":"queued","x":' + b"[" * max_depth + b"]" * max_depth + b"}"
    for data in (nested, nested.replace(b"[]", b"0"), nested.replace(b"[[]]", b"0"), b"7"):
        codec = Codec(max_depth=max_depth)
        try:
            (expected,) = codec.decode_array(b"[" + data + b"]")
        except DecodeError as error:
            ((_, _, code),) = results(b"[" + data + b"]", max_depth)
            assert code == error.problems[0].code
        else:
            assert results(b"[" + data + b"]", max_depth) == [(1, "/0", expected)]
