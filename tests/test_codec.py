"""The doors of the codec."""

from __future__ import annotations

import io
import itertools
import pickle
import tracemalloc
from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from jobstatus import Codec, DecodeError, InvalidValueError, JobStatus

A, B = JobStatus.queued("a"), JobStatus("b", "failed", error="caf\u00e9 \ud800")
LINE_A = b'{"id":"a","status":"queued"}\n'
LINE_B = '{"id":"b","status":"failed","error":"caf\u00e9 \\ud800"}\n'.encode()
BAD = b'{"id":5}\n'


def test_a_codec_is_a_frozen_value() -> None:
    """It compares, hashes, pickles and shows its policy."""
    codec = Codec(null="absent", max_depth=2)
    assert codec == Codec(null="absent", max_depth=2) != Codec()
    assert len({codec, pickle.loads(pickle.dumps(codec))}) == 1
    assert repr(Codec()) == (
        "Codec(null='reject', unknown_keys='ignore', dates='ecmascript', max_depth=64)"
    )
    frozen: Any = codec
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        frozen.null = "reject"


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"null": "drop"}, "null: expected 'reject' or 'absent', got 'drop'"),
        ({"unknown_keys": None}, "unknown_keys: expected 'ignore' or 'reject', got None"),
        ({"dates": []}, "dates: expected 'ecmascript' or 'iso8601', got []"),
        ({"max_depth": 0}, "max_depth: expected an int from 1 to 500, got 0"),
        ({"max_depth": 501}, "max_depth: expected an int from 1 to 500, got 501"),
        ({"max_depth": True}, "max_depth: expected an int from 1 to 500, got True"),
        ({"max_depth": "64"}, "max_depth: expected an int from 1 to 500, got '64'"),
    ],
)
def test_an_unknown_option_is_refused(option: dict[str, Any], message: str) -> None:
    """When the codec is made, whatever attrs' validators are set to."""
    attrs.validators.set_disabled(True)
    try:
        with pytest.raises(InvalidValueError) as refused:
            Codec(**option)
    finally:
        attrs.validators.set_disabled(False)
    assert (refused.value.code, str(refused.value)) == ("invalid_option", message)


def test_options_have_names() -> None:
    """None is positional."""
    make: Any = Codec
    with pytest.raises(TypeError):
        make("absent")


def test_one_document() -> None:
    """Text or bytes in, bytes out."""
    assert Codec().decode(LINE_B) == Codec().decode(LINE_B.decode()) == B
    with pytest.raises(DecodeError) as refused:
        Codec().decode(BAD)
    assert refused.value.__context__ is None  # no traceback from inside a dependency
    assert Codec().encode(B) + b"\n" == LINE_B


def test_the_policy_is_the_codecs() -> None:
    """Each option changes what is read."""
    lenient = Codec(null="absent", dates="iso8601")
    data = b'{"id":"a","status":"queued","error":null,"estimatedCompletion":"20261123T00Z"}'
    assert lenient.decode(data).error is None
    with pytest.raises(DecodeError, match="unknown_key"):
        Codec(unknown_keys="reject").decode(b'{"id":"a","status":"queued","x":[]}')
    with pytest.raises(DecodeError, match="too_deep"):
        Codec(max_depth=1).decode(b'{"id":"a","status":"queued","x":[]}')


def test_an_array() -> None:
    """A list of jobs in, a JSON array out."""
    data = b"[" + LINE_A.strip() + b"," + LINE_B.strip() + b"]"
    assert Codec().decode_array(data) == [A, B]
    assert Codec().encode_array([A, B]) == data
    assert Codec().encode_array(iter([])) == b"[]"
    assert Codec().decode_array("[]") == []


def test_all_problems_of_an_array_are_said_at_once() -> None:
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


def test_an_array_counts_its_own_level() -> None:
    """The limit is the document's."""
    assert Codec(max_depth=2).decode_array(b"[" + LINE_A + b"]") == [A]
    with pytest.raises(DecodeError, match="too_deep"):
        Codec(max_depth=1).decode_array(b"[" + LINE_A + b"]")


def test_what_is_no_array_is_refused() -> None:
    """An object alone is one problem at the root."""
    with pytest.raises(DecodeError, match=r'^"" wrong_type payload: expected an array, got \{'):
        Codec().decode_array(LINE_A)


def test_an_array_is_no_job() -> None:
    """And the other way round."""
    with pytest.raises(DecodeError, match=r'^"" wrong_type payload: expected an object, got \['):
        Codec().decode(b"[" + LINE_A + b"]")


def test_lines() -> None:
    """A job a line, each with its newline; blank lines are passed over."""
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
def test_other_white_space_is_no_blank_line(line: bytes | str) -> None:
    """RFC 8259 has four blanks."""
    with pytest.raises(DecodeError, match="invalid_json"):
        list(Codec().decode_lines([line]))


def test_lines_stop_at_the_first_bad_one() -> None:
    """The error has the line, counted from 1, blank ones too."""
    lines = Codec().decode_lines([LINE_A, b"\n", BAD, LINE_B])
    assert next(lines) == A
    with pytest.raises(DecodeError, match=r"^line 3: /id wrong_type ") as refused:
        next(lines)
    assert refused.value.line == 3
    assert list(lines) == []


def test_lines_may_go_on_after_a_bad_one() -> None:
    """The errors come in the jobs' places."""
    first, error, last = Codec().decode_lines([LINE_A, BAD, LINE_B], errors="yield")
    assert (first, last) == (A, B)
    assert isinstance(error, DecodeError)
    assert error.line == 2
    assert [problem.pointer for problem in error.problems] == ["/id", "/status"]


@pytest.mark.parametrize("document", [LINE_A, LINE_A.decode(), bytearray(LINE_A)])
def test_a_whole_document_is_no_lines(document: Any) -> None:
    """Its items would be characters; said at once, and not at the first line."""
    with pytest.raises(TypeError, match=r"^expected an iterable of lines, as a file is, got "):
        Codec().decode_lines(document)


def test_lines_of_anything_else_are_the_callers_error() -> None:
    """A line is text or bytes."""
    lines: Any = [5]
    with pytest.raises(TypeError, match=r"^expected str or bytes, got 5"):
        list(Codec().decode_lines(lines))


def test_an_unknown_way_with_errors_is_refused() -> None:
    """Said at once, and not at the first error."""
    decode: Any = Codec().decode_lines
    with pytest.raises(InvalidValueError, match=r"^errors: expected 'raise' or 'yield', got 'ign"):
        decode([], errors="ignore")
    with pytest.raises(InvalidValueError, match=r"^errors: expected 'raise' or 'yield', got \[\]"):
        decode([], errors=[])


def test_lines_are_streamed() -> None:
    """An endless source is read as far as it is asked for, in constant memory."""

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


@pytest.mark.parametrize("door", ["encode", "to_payload"])
def test_only_a_job_is_written(door: str) -> None:
    """Anything else is the caller's error."""
    with pytest.raises(TypeError, match=r"^expected a JobStatus, got "):
        getattr(Codec(), door)({"id": "a", "status": "queued"})


@pytest.mark.parametrize("door", ["encode_array", "encode_lines"])
def test_only_jobs_are_written(door: str) -> None:
    """Anything else among them is the caller's error."""
    with pytest.raises(TypeError, match=r"^expected a JobStatus, got "):
        list(getattr(Codec(), door)([A, None]))
