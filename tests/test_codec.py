"""The methods of Codec read and write documents, arrays and lines."""

from __future__ import annotations

import io
import itertools
import json
import pickle
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest

from jobstatus import (
    TOLERANT,
    Codec,
    DecodeError,
    InvalidValueError,
    JobState,
    JobStatus,
    StateName,
)
from tests.support.hostile import Raising

A, B = JobStatus.queued("a"), JobStatus("b", "failed", error="caf\u00e9 \ud800")
LINE_A = b'{"id":"a","status":"queued"}\n'
LINE_B = '{"id":"b","status":"failed","error":"caf\u00e9 \\ud800"}\n'.encode()
BAD = b'{"id":5}\n'


class Text(str):
    """A string of another type, which could compare itself in any way."""

    __slots__ = ()


def test_a_codec_is_a_frozen_value() -> None:
    """It can be compared, hashed, pickled and printed, but not changed."""
    codec = Codec(null="absent", max_depth=2)
    assert codec == Codec(null="absent", max_depth=2) != Codec()
    assert len({codec, pickle.loads(pickle.dumps(codec))}) == 1
    assert repr(Codec()) == (
        "Codec(null='reject', unknown_keys='ignore', ids='text', numbers='number', "
        "dates='ecmascript', states={}, max_depth=64, max_problems=1000)"
    )
    frozen: Any = codec
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        frozen.null = "reject"


def test_a_codec_cannot_be_initialised_again_or_forged() -> None:
    """A second `__init__` raises, and unpickling checks the options."""
    codec = Codec(null="absent")
    init: Any = codec.__init__
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        init(max_depth=1)
    assert codec == Codec(null="absent")
    assert not hasattr(codec, "__setstate__")
    assert not hasattr(codec, "__attrs_init__")
    reduced: Any = codec.__reduce__()
    rebuild, (kind, options) = reduced
    with pytest.raises(InvalidValueError, match="null: expected"):
        rebuild(kind, options | {"null": "maybe"})


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"null": "drop"}, "null: expected 'reject' or 'absent', got 'drop'"),
        ({"unknown_keys": None}, "unknown_keys: expected 'ignore', 'reject' or 'keep', got None"),
        (
            {"dates": []},
            "dates: expected 'ecmascript', 'iso8601', 'any' or 'milliseconds', got []",
        ),
        ({"ids": "int"}, "ids: expected 'text' or 'number', got 'int'"),
        ({"numbers": True}, "numbers: expected 'number' or 'text', got True"),
        ({"ids": Text("number")}, "ids: expected 'text' or 'number', got 'number'"),
        ({"states": Raising()}, "states: expected a mapping of names to states, got "),
        ({"states": 5}, "states: expected a mapping of names to states, got 5"),
        ({"states": "ab"}, "states: expected a mapping of names to states, got 'ab'"),
        (
            {"states": {"queued": "failed"}},
            "states: expected names other than those of the interface, got 'queued'",
        ),
        (
            {"states": {5: "failed"}},
            "states: expected names other than those of the interface, got 5",
        ),
        (
            {"states": {"x": "done"}},
            "states['x']: expected queued, processing, completed, failed or cancelled, got 'done'",
        ),
        ({"max_depth": 0}, "max_depth: expected an int from 1 to 500, got 0"),
        ({"max_depth": 501}, "max_depth: expected an int from 1 to 500, got 501"),
        ({"max_depth": True}, "max_depth: expected an int from 1 to 500, got True"),
        ({"max_depth": "64"}, "max_depth: expected an int from 1 to 500, got '64'"),
    ],
)
def test_an_invalid_option_is_rejected(option: dict[str, Any], message: str) -> None:
    """The constructor checks it, even if the validators of attrs are disabled."""
    attrs.validators.set_disabled(True)
    try:
        with pytest.raises(InvalidValueError) as refused:
            Codec(**option)
    finally:
        attrs.validators.set_disabled(False)
    assert refused.value.code == "invalid_option"
    assert str(refused.value).startswith(message)


def test_options_are_keyword_only() -> None:
    """A positional option would not show what it sets."""
    make: Any = Codec
    with pytest.raises(TypeError):
        make("absent")


def test_decode_and_encode_handle_one_document() -> None:
    """Decoding takes text or bytes, and encoding returns bytes."""
    assert Codec().decode(LINE_B) == Codec().decode(LINE_B.decode()) == B
    with pytest.raises(DecodeError) as refused:
        Codec().decode(BAD)
    assert refused.value.__context__ is None  # the cause would only show our internals
    assert Codec().encode(B) + b"\n" == LINE_B


def test_the_options_of_a_codec_are_its_policy() -> None:
    """Each option changes which documents are valid."""
    lenient = Codec(null="absent", dates="iso8601")
    data = b'{"id":"a","status":"queued","error":null,"estimatedCompletion":"20261123T00Z"}'
    assert lenient.decode(data).error is None
    with pytest.raises(DecodeError, match="unknown_key"):
        Codec(unknown_keys="reject").decode(b'{"id":"a","status":"queued","x":[]}')
    with pytest.raises(DecodeError, match="too_deep"):
        Codec(max_depth=1).decode(b'{"id":"a","status":"queued","x":[]}')


ROW = b"""{
    "id": 42, "status": "canceled", "progress": "33.30", "error": null,
    "estimatedCompletion": 1763908800123
}"""


def test_a_codec_reads_the_row_of_a_table() -> None:
    """Each deviation has its own option."""
    codec = Codec(
        null="absent",
        ids="number",
        numbers="text",
        dates="milliseconds",
        states={"canceled": "cancelled"},
    )
    job = codec.decode(ROW)
    assert job.to_json() == (
        '{"id":"42","status":"cancelled","progress":33.3,'
        '"estimatedCompletion":"2025-11-23T14:40:00.123Z"}'
    )
    assert codec.decode_array(b"[%s]" % ROW) == [*codec.decode_lines([ROW.replace(b"\n", b"")])]
    assert codec.from_payload(json.loads(ROW)) == job


@pytest.mark.parametrize(
    ("option", "code"),
    [
        ({"null": "reject"}, ("/error", "null")),
        ({"ids": "text"}, ("/id", "wrong_type")),
        ({"numbers": "number"}, ("/progress", "wrong_type")),
        ({"dates": "any"}, ("/estimatedCompletion", "wrong_type")),
        ({"states": {}}, ("/status", "unknown_state")),
    ],
)
def test_each_option_reads_its_own_deviation_only(
    option: dict[str, Any], code: tuple[str, str]
) -> None:
    """Without one of the options, there is exactly one problem."""
    options: dict[str, Any] = {
        "null": "absent",
        "ids": "number",
        "numbers": "text",
        "dates": "milliseconds",
        "states": {"canceled": "cancelled"},
    }
    with pytest.raises(DecodeError) as refused:
        Codec(**options | option).decode(ROW)
    assert [(problem.pointer, problem.code) for problem in refused.value.problems] == [code]


def test_the_tolerant_codec_has_the_options_without_a_second_meaning() -> None:
    """Milliseconds and seconds look alike, and so it reads neither."""
    assert Codec(null="absent", ids="number", numbers="text", dates="any") == TOLERANT
    row = ROW.replace(b"canceled", b"failed").replace(b"1763908800123", b'"20261123T00Z"')
    assert TOLERANT.decode(row).progress == 33.3
    with pytest.raises(DecodeError, match="estimatedCompletion: expected a string"):
        TOLERANT.decode(b'{"id":1,"status":"queued","estimatedCompletion":1763908800123}')


def test_the_states_of_a_codec_are_a_sorted_tuple() -> None:
    """Codecs with the same names are equal and have the same hash, in any order."""
    codec = Codec(states={"done": "completed", "canceled": JobState.CANCELLED})
    assert codec.states == (("canceled", JobState.CANCELLED), ("done", JobState.COMPLETED))
    same = Codec(states={"canceled": "cancelled", "done": "completed"})
    assert {codec, same, pickle.loads(pickle.dumps(codec)), attrs.evolve(codec)} == {same}
    assert attrs.evolve(codec, states={"x": "failed"}).states == (("x", JobState.FAILED),)
    assert "states={'canceled': 'cancelled', 'done': 'completed'}" in repr(codec)


def test_a_change_of_the_mapping_does_not_change_the_codec() -> None:
    """The codec copies the names."""
    names: dict[str, StateName] = {"done": "completed"}
    codec = Codec(states=names)
    names["stopped"] = "cancelled"
    assert codec.states == (("done", JobState.COMPLETED),)


def test_many_and_long_names_of_states_are_fast() -> None:
    """Neither a name nor the number of names makes an error or a repr long."""
    long = "x" * 1_000_000
    names: dict[str, StateName] = {f"name {number}": "failed" for number in range(10_000)}
    names[long] = "queued"
    codec = Codec(states=names)
    assert len(repr(codec)) < 300
    row = '{"id":"a","status":"%s"}'
    assert codec.decode(row % "name 9999").status is JobState.FAILED
    assert codec.decode(row % long).status is JobState.QUEUED
    with pytest.raises(DecodeError) as refused:
        codec.decode(row % (long + "x"))
    assert len(str(refused.value)) < 300
    unknown: Any = {long: "done" * 1_000_000}
    with pytest.raises(InvalidValueError) as invalid:
        Codec(states=unknown)
    assert len(str(invalid.value)) < 300


def readers() -> dict[str, Callable[[str, str | None], JobStatus]]:
    """Return the functions that read one job, by name."""
    return {
        "Codec.decode": lambda text, given: Codec().decode(text, id=given),
        "Codec.decode, bytes": lambda text, given: Codec().decode(text.encode(), id=given),
        "Codec.from_payload": lambda text, given: Codec().from_payload(json.loads(text), id=given),
        "JobStatus.from_json": lambda text, given: JobStatus.from_json(text, id=given),
        "JobStatus.from_payload": lambda text, given: JobStatus.from_payload(
            json.loads(text), id=given
        ),
    }


@pytest.mark.parametrize("read", readers().values(), ids=readers())
def test_a_given_id_is_used_if_the_payload_has_none(
    read: Callable[[str, str | None], JobStatus],
) -> None:
    """For example, the URL of a status endpoint has the id."""
    assert read('{"status":"queued"}', "42") == JobStatus("42", "queued")
    assert read('{"id":"42","status":"queued"}', "42") == JobStatus("42", "queued")
    assert read('{"id":"42","status":"queued"}', None) == JobStatus("42", "queued")


@pytest.mark.parametrize("read", readers().values(), ids=readers())
def test_an_id_that_differs_from_the_given_one_is_a_problem(
    read: Callable[[str, str | None], JobStatus],
) -> None:
    """It is reported together with the others."""
    with pytest.raises(DecodeError) as refused:
        read('{"id":"43","status":"done"}', "42")
    first, second = refused.value.problems
    assert (first.pointer, first.code) == ("/id", "id_mismatch")
    assert first.message == "id: expected the given id '42', got '43'"
    assert second.code == "unknown_state"


@pytest.mark.parametrize("read", readers().values(), ids=readers())
@pytest.mark.parametrize("given", [42, b"42", ["42"]])
def test_a_given_id_is_a_string(read: Callable[[str, Any], JobStatus], given: object) -> None:
    """Another type is a bug in the calling code."""
    with pytest.raises(TypeError) as refused:
        read('{"id":"42","status":"queued"}', given)
    assert str(refused.value) == f"id: expected a string, got {given!r}"


def test_an_invalid_id_is_not_replaced_by_the_given_one() -> None:
    """A null is not a missing id."""
    for value in ("null", "5", "[]"):
        with pytest.raises(DecodeError) as refused:
            Codec(null="absent").decode(f'{{"id":{value},"status":"queued"}}', id="5")
        assert [problem.code for problem in refused.value.problems] == ["wrong_type"]


def test_a_numeric_id_is_compared_as_text() -> None:
    """The option is applied first."""
    assert TOLERANT.decode('{"id":42,"status":"queued"}', id="42").id == "42"
    with pytest.raises(DecodeError, match="expected the given id '42', got '43'"):
        TOLERANT.decode('{"id":43,"status":"queued"}', id="42")


def test_a_given_id_has_its_surrogate_pairs_joined() -> None:
    """It is compared in the form that it has on the wire."""
    pair, character = "\ud83d\ude00", "\U0001f600"
    assert Codec().decode('{"status":"queued"}', id=pair).id == character
    assert Codec().decode(f'{{"id":"{character}","status":"queued"}}', id=pair).id == character


def test_arrays_are_decoded_and_encoded() -> None:
    """Decoding returns a list, and encoding takes any iterable of jobs."""
    data = b"[" + LINE_A.strip() + b"," + LINE_B.strip() + b"]"
    assert Codec().decode_array(data) == [A, B]
    assert Codec().encode_array([A, B]) == data
    assert Codec().encode_array(iter([])) == b"[]"
    assert Codec().decode_array("[]") == []


def test_all_problems_in_an_array_are_reported_at_once() -> None:
    """Each pointer begins with the index of its item."""
    with pytest.raises(DecodeError) as refused:
        Codec().decode_array(b"[" + BAD + b"," + LINE_A + b',7,{"id":"x","status":"no"}]')
    assert [(problem.pointer, problem.code) for problem in refused.value.problems] == [
        ("/0/id", "wrong_type"),
        ("/0/status", "missing"),
        ("/2", "wrong_type"),
        ("/3/status", "unknown_state"),
    ]
    assert refused.value.problems[-1].value == "no"


def test_an_array_counts_as_one_level_of_depth() -> None:
    """The maximum depth applies to the whole document, not to each item."""
    assert Codec(max_depth=2).decode_array(b"[" + LINE_A + b"]") == [A]
    with pytest.raises(DecodeError, match="too_deep"):
        Codec(max_depth=1).decode_array(b"[" + LINE_A + b"]")


def test_decode_array_rejects_an_object() -> None:
    """There is one problem, at the root."""
    with pytest.raises(DecodeError, match=r"^payload: expected an array, got \{") as refused:
        Codec().decode_array(LINE_A)
    assert refused.value.problems[0].code == "wrong_type"


@pytest.mark.parametrize(
    ("text", "code"),
    [("[]x", "invalid_json"), ("[] ]", "invalid_json"), ("[1[[", "too_deep"), ("[[[", "too_deep")],
)
def test_decode_array_rejects_damaged_arrays(text: str, code: str) -> None:
    """Text after the array is a fault, and damaged text may be too deep."""
    with pytest.raises(DecodeError) as refused:
        Codec(max_depth=2).decode_array(text)
    assert [problem.code for problem in refused.value.problems] == [code]


def test_decode_rejects_an_array() -> None:
    """There is one problem, at the root."""
    with pytest.raises(DecodeError, match=r"^payload: expected an object, got \["):
        Codec().decode(b"[" + LINE_A + b"]")


def test_lines_are_decoded_and_encoded() -> None:
    """Each job has its own line, and blank lines are skipped."""
    assert b"".join(Codec().encode_lines([A, B])) == LINE_A + LINE_B
    lines: list[Any] = [
        LINE_A,
        b"\n",
        b" \t\r\n",
        LINE_B.decode(),
        "\n",
        bytearray(LINE_A),
        memoryview(LINE_B),
    ]
    assert list(Codec().decode_lines(lines)) == [A, B, A, B]
    assert list(Codec().decode_lines(io.BytesIO(LINE_A + b"\r\n" + LINE_B.strip()))) == [A, B]


@pytest.mark.parametrize("line", [b"\v\n", "\f", "\u2003", "\x1c"])
def test_a_line_of_other_white_space_is_not_blank(line: bytes | str) -> None:
    """RFC 8259 allows only space, tab, line feed and carriage return."""
    with pytest.raises(DecodeError, match="invalid_json"):
        list(Codec().decode_lines([line]))


def test_decoding_lines_stops_at_the_first_error() -> None:
    """The error has its line number, counted from 1 and including blank lines."""
    lines = Codec().decode_lines([LINE_A, b"\n", BAD, LINE_B])
    assert next(lines) == A
    with pytest.raises(DecodeError, match=r"^line 3: id: expected a string, ") as refused:
        next(lines)
    assert refused.value.line == 3
    assert list(lines) == []


def test_the_error_of_a_line_says_whether_reading_stopped() -> None:
    """Each line has its own maximum of problems."""
    lines = ["{}", '{"id":"a"}']
    codec = Codec(max_problems=1)
    first, second = codec.decode_lines(lines, errors="yield")
    assert isinstance(first, DecodeError)
    assert isinstance(second, DecodeError)
    assert (first.line, first.truncated) == (1, True)
    assert (second.line, second.truncated) == (2, False)


def test_decoding_lines_may_go_on_after_an_error() -> None:
    """The iterator then yields each error in place of a job."""
    first, error, last = Codec().decode_lines([LINE_A, BAD, LINE_B], errors="yield")
    assert (first, last) == (A, B)
    assert isinstance(error, DecodeError)
    assert error.line == 2
    assert [problem.pointer for problem in error.problems] == ["/id", "/status"]


@pytest.mark.parametrize("document", [LINE_A, LINE_A.decode(), bytearray(LINE_A)])
def test_decode_lines_rejects_a_single_document(document: Any) -> None:
    """Iterating over it would give characters, so the call itself raises."""
    with pytest.raises(TypeError, match=r"^expected an iterable of lines, such as a file, got "):
        Codec().decode_lines(document)


def test_a_line_that_is_not_text_or_bytes_raises_type_error() -> None:
    """Such a line is a bug in the calling code, not bad data."""
    lines: Any = [5]
    with pytest.raises(TypeError, match=r"^expected str or bytes, got 5"):
        list(Codec().decode_lines(lines))


def test_decode_lines_rejects_an_invalid_errors_option() -> None:
    """The call itself raises, before any line is read."""
    decode: Any = Codec().decode_lines
    with pytest.raises(InvalidValueError, match=r"^errors: expected 'raise' or 'yield', got 'ign"):
        decode([], errors="ignore")
    with pytest.raises(InvalidValueError, match=r"^errors: expected 'raise' or 'yield', got \[\]"):
        decode([], errors=[])


def test_lines_are_streamed() -> None:
    """Lines are read on demand, so an endless source needs constant memory."""

    def endless() -> Iterator[bytes]:
        return itertools.repeat(LINE_A)

    codec = Codec()
    jobs = codec.decode_lines(line for line in endless())
    assert next(jobs) == A
    tracemalloc.start()
    for line in itertools.islice(codec.encode_lines(jobs), 2_000):
        assert line == LINE_A
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100_000


@pytest.mark.parametrize("name", ["encode", "to_payload"])
def test_writing_anything_but_a_job_raises_type_error(name: str) -> None:
    """Such a value is a bug in the calling code."""
    with pytest.raises(TypeError, match=r"^expected a JobStatus, got "):
        getattr(Codec(), name)({"id": "a", "status": "queued"})


@pytest.mark.parametrize("name", ["encode_array", "encode_lines"])
def test_writing_anything_but_jobs_raises_type_error(name: str) -> None:
    """One such value among the jobs is enough."""
    with pytest.raises(TypeError, match=r"^expected a JobStatus, got "):
        list(getattr(Codec(), name)([A, None]))
