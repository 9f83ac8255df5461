"""The slow path reads any document and reports every problem."""

from __future__ import annotations

import timeit
import tracemalloc
from collections import UserDict
from contextlib import suppress
from decimal import Decimal
from typing import Any, Literal

import pytest

from jobstatus import Codec, DecodeError, JobStatus
from jobstatus._wire import _payload, _slow

PLAIN = '{"id":"a","status":"queued"}'
JOB = JobStatus("a", "queued")


def test_values_that_need_no_conversion_skip_the_check_of_each_field(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Checking each field by its own rule takes twice as long."""
    monkeypatch.delattr(_payload, "check")
    assert _slow.decode(PLAIN, Codec()) == JOB
    assert _slow.decode_array(f"[{PLAIN},{PLAIN}]", Codec()) == [JOB, JOB]


def test_pointers_into_an_array_begin_with_the_index_of_the_item() -> None:
    """The index counts every item, valid or not."""
    with pytest.raises(DecodeError) as refused:
        _slow.decode_array(f'[{PLAIN},{{"id":5}},{PLAIN},7]', Codec())
    problems = [(problem.pointer, problem.code) for problem in refused.value.problems]
    assert problems == [("/1/id", "wrong_type"), ("/1/status", "missing"), ("/3", "wrong_type")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[", "invalid JSON at character 1, the text ends too early"),
        ("[1", "invalid JSON at character 2, the text ends too early"),
        ("[1 2]", "invalid JSON at character 3, near '2]'"),
        ("[1,]", "invalid JSON at character 3, near ']'"),
        ("[1}", "invalid JSON at character 2, near '}'"),
        ("[1] 2", "invalid JSON at character 4, near '2'"),
        ("[] ]", "invalid JSON at character 3, near ']'"),
        ("[NaN]", "invalid JSON, got NaN"),
        ("{} 1", "invalid JSON at character 3, near '1'"),
        ("{}", "expected an array, got {}"),
        ("", "invalid JSON at character 0, the text ends too early"),
    ],
)
def test_an_array_that_is_not_json_has_one_problem(text: str, message: str) -> None:
    """Problems of its items are not reported then."""
    with pytest.raises(DecodeError) as refused:
        _slow.decode_array(text, Codec())
    assert [problem.message for problem in refused.value.problems] == [f"payload: {message}"]


@pytest.mark.parametrize("blank", ["", " \t\r\n"])
@pytest.mark.parametrize("count", [0, 1, 3])
def test_the_items_of_an_array_may_have_blanks_around_them(blank: str, count: int) -> None:
    """RFC 8259 has four kinds."""
    items = f"{blank},{blank}".join([PLAIN] * count)
    text = f"{blank}[{blank}{items}{blank}]{blank}"
    assert _slow.decode_array(text, Codec()) == [JOB] * count


@pytest.mark.parametrize("count", [3, 4])
def test_reading_an_array_stops_after_the_maximum_of_problems(count: int) -> None:
    """The rest is not looked at, not even whether it is JSON."""
    with pytest.raises(DecodeError) as refused:
        _slow.decode_array(f"[{PLAIN}{',0' * 4}, and no JSON", Codec(max_problems=count))
    codes = [(problem.pointer, problem.code) for problem in refused.value.problems]
    if count == 4:
        assert codes == [("", "invalid_json")]
        assert not refused.value.truncated
    else:
        assert codes == [(f"/{index}", "wrong_type") for index in (1, 2, 3)]
        assert refused.value.truncated


@pytest.mark.parametrize(("count", "truncated"), [(4, True), (5, False)])
def test_a_payload_reports_the_maximum_of_unknown_keys(count: int, truncated: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Problems of its fields come first."""
    payload = {"status": "queued", "w": 0, "x": 0, "y": 0, "z": 0}
    with pytest.raises(DecodeError) as refused:
        Codec(unknown_keys="reject", max_problems=count).from_payload(payload)
    found = [problem.pointer for problem in refused.value.problems]
    assert found == ["/id", "/w", "/x", "/y", "/z"][:count]
    assert refused.value.truncated is truncated


@pytest.mark.parametrize("errors", ["raise", "yield"])
def test_a_line_says_that_reading_it_stopped(errors: Literal["raise", "yield"]) -> None:
    """The error of a line keeps that fact."""
    codec = Codec(max_problems=1)
    read: Any = codec.decode_lines
    try:
        (error,) = read(['{"id":1}'], errors=errors)
    except DecodeError as raised:
        error = raised
    assert (error.truncated, error.line) == (True, 1)


@pytest.mark.sampling
@pytest.mark.parametrize("item", [b"0", b"{}"])
def test_rejecting_a_megabyte_of_items_is_cheap(item: bytes) -> None:
    """It takes less memory than a tenth of what `json.loads` takes, and no more time than reading.

    json.loads alone takes up to 24 times the size of the input.
    """
    size = 10**6
    data = b"[" + b",".join([item] * (size // (len(item) + 1))) + b"]"
    valid = f"[{','.join([PLAIN] * (size // (len(PLAIN) + 1)))}]".encode()
    codec = Codec()
    assert len(codec.decode_array(valid)) > size / 50
    reading = timeit.timeit(lambda: codec.decode_array(valid), number=1)

    def reject() -> None:
        with pytest.raises(DecodeError) as refused:
            codec.decode_array(data)
        assert len(refused.value.problems) == 1000
        assert refused.value.truncated

    assert timeit.timeit(reject, number=1) < 2 * reading
    tracemalloc.start()
    try:
        reject()
        assert tracemalloc.get_traced_memory()[1] < 10 * len(data)
    finally:
        tracemalloc.stop()


def test_a_full_stack_is_not_a_fault_of_the_payload() -> None:
    """A valid payload is read or RecursionError is raised, however full the stack is."""
    payload: Any = UserDict({"id": "a", "status": "queued", "progress": Decimal(1)})

    def descend() -> None:
        try:
            descend()
        finally:
            with suppress(RecursionError):
                assert Codec().from_payload(payload).progress == 1

    with pytest.raises(RecursionError):
        descend()
