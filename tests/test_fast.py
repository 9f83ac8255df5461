"""The fast path answers for what is ordinary, and declines what is near it."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, combinations, product
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from jobstatus import DecodeError, InvalidValueError, JobState, JobStatus, _fast, _json, _msgspec
from jobstatus._payload import structurer
from jobstatus.dates import parse_date, parse_iso8601_date
from tests.parsers import PARSERS, parsing_with

GOLDEN = Path(__file__).parent / "golden" / "v1"
DATE = "2026-11-23T14:40:00.123Z"


def decode(data: object, unknown_keys: str = "ignore") -> JobStatus | None:
    """Read a document the fast way."""
    return _fast.decode(data, 64, unknown_keys)


@pytest.fixture(params=PARSERS)
def parser(request: pytest.FixtureRequest) -> Iterator[str]:
    """Read with each of the parsers."""
    with parsing_with(request.param):
        yield request.param


def read_carefully(data: str | bytes) -> JobStatus:
    """Read a document the slow way."""
    return structurer("reject", "ignore", "ecmascript")(_json.parse(data, 64))


def document(**fields: object) -> str:
    """Return a document with some fields beside what it must have."""
    return json.dumps({"id": "a", "status": "queued"} | fields)


def test_what_node_wrote_is_ordinary(parser: str) -> None:
    """No payload of the golden files is declined, nor one with a newline, but for surrogates."""
    for line in (GOLDEN / "lines.ndjson").read_bytes().splitlines(keepends=True):
        job = decode(line, "reject")
        if parser == "msgspec" and b"\\ud" in line:
            assert job is None
            continue
        assert job is not None
        assert job.to_json().encode() + b"\n" == line


@pytest.mark.parametrize(
    "data",
    [
        document(progress=100),
        document(progress=-0.0),
        document(x=1)[:-1] + ',"y":' + "1" * 5000 + "}",
        document(error="[{"),
        document(metadata={"tags": ["a", "b"]})[:-1] + ',"score":1e999}',
        document()[:-1] + ',"pro\\u0067ress":5}',
        document(id="\u6f22 \U0001f4f7"),
        document(estimatedCompletion=DATE).encode(),
        document() + " \t\r\n",
    ],
)
@pytest.mark.usefixtures("parser")
def test_ordinary_documents_are_answered(data: str | bytes) -> None:
    """Also with unknown keys."""
    job = decode(data)
    assert job is not None
    assert repr(job) == repr(read_carefully(data))


@pytest.mark.parametrize(
    ("data", "answering"),
    [
        (document(id="\ud800"), "json"),
        (document()[:-1] + ',"id":"\ud83d\ude00","error":"\ud83d\\ude00"}', "json"),
        (" " + document(), "msgspec"),
    ],
)
def test_what_one_parser_alone_reads_is_declined_with_the_other(
    data: str, answering: str, parser: str
) -> None:
    """Surrogates by msgspec, and a blank before it by the scanner."""
    job = decode(data)
    assert (job is not None) == (parser == answering)
    assert JobStatus.from_json(data) == read_carefully(data)


@pytest.mark.parametrize("key", [b"x\xff", b"\xed\xa0\x80"])
@pytest.mark.usefixtures("parser")
def test_an_unknown_key_that_is_not_utf_8_is_refused(key: bytes) -> None:
    """Although msgspec, left to itself, passes over what it does not keep."""
    data = document().encode()[:-1] + b',"' + key + b'":1,"y":"' + key + b'"}'
    assert decode(data) is None
    with pytest.raises(DecodeError) as refused:
        JobStatus.from_json(data)
    assert [problem.code for problem in refused.value.problems] == ["invalid_utf8"]


@pytest.mark.usefixtures("parser")
def test_a_long_integer_takes_no_long_time_where_python_sets_no_limit() -> None:
    """It takes seconds if an int is made of it."""
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        began = time.process_time()
        assert decode(document(x=1)[:-1] + ',"y":' + "1" * 1_000_000 + "}") is not None
        assert time.process_time() - began < 1
    finally:
        sys.set_int_max_str_digits(limit)


def test_without_msgspec_the_scanner_reads() -> None:
    """The extra is only asked for when the first document is read."""
    with patch.dict(sys.modules, msgspec=None):
        assert _msgspec.decoders.__wrapped__() is None


def test_with_msgspec_its_decoder_reads() -> None:
    """Once for a process."""
    assert _msgspec.decoders() is _msgspec.decoders()
    assert _fast.decode(" " + document(), 64, "ignore") is not None


@pytest.mark.parametrize(
    "data",
    [
        "",
        "\ufeff" + document(),
        document() + "X",
        document() + "\u2028",
        document() + "\x00",
        document().encode() + b"\xff",
        bytearray(document().encode()),
        5,
        "[]",
        '"a"',
        '{"id":"a"}',
        document(id=5),
        document(status=["queued"]),
        document(status="paused"),
        document(progress=None),
        document(progress=True),
        document(progress="5"),
        document(progress=100.1),
        document(progress=-1e-300),
        document(progress=float("nan")),
        document(x=float("nan")),
        document(error=None),
        document(error=[]),
        document(estimatedCompletion=None),
        document(estimatedCompletion=5),
        document(estimatedCompletion="2026-11-23"),
        document()[:-1] + ',"x":' + "[" * 64 + "]" * 64 + "}",
        document()[:-1] + ',"x":' + '{"a":' * 64 + "1" + "}" * 65,
    ],
)
@pytest.mark.usefixtures("parser")
def test_what_is_not_plain_is_declined(data: object) -> None:
    """Whether the careful path refuses it or not."""
    assert decode(data) is None


@pytest.mark.usefixtures("parser")
def test_the_depth_that_is_allowed_is_exact() -> None:
    """Of objects and of arrays."""
    for deep in (document(x={}), document(x=[])):
        assert _fast.decode(deep, 2, "ignore") is not None
        assert _fast.decode(deep, 1, "ignore") is None


@pytest.mark.usefixtures("parser")
def test_unknown_keys_are_declined_where_they_are_refused() -> None:
    """One key more than the interface has is enough, in a document and in an array."""
    data = document(x=1)
    assert decode(data) is not None
    assert decode(data, "reject") is None
    assert _fast.decode_array(f"[{data}]", 64, "ignore") == [JobStatus("a", "queued")]
    assert _fast.decode_array(f"[{data}]", 64, "reject") is None


def test_a_stack_that_is_nearly_full_is_declined() -> None:
    """The careful path says it better."""
    deep = document()[:-1] + ',"x":' + "[" * 60 + "]" * 60 + "}"
    limit, answers = sys.getrecursionlimit(), list[JobStatus | None]()

    def descend() -> None:
        try:
            descend()
        except RecursionError:
            answers.append(decode(deep))
            raise

    sys.setrecursionlimit(200)
    try:
        with pytest.raises(RecursionError):
            descend()
    finally:
        sys.setrecursionlimit(limit)
    assert answers[0] is None
    assert answers[-1] == JobStatus("a", "queued")


CHARACTERS = [*map(chr, range(256)), "\u0660", "\uff11", "\ud800"]


def near_dates(characters: Iterable[str], places: int) -> Iterator[str]:
    """Yield the date with other characters at some places."""
    for changed in combinations(range(len(DATE)), places):
        for others in product(characters, repeat=places):
            text = list(DATE)
            for place, other in zip(changed, others, strict=True):
                text[place] = other
            yield "".join(text)


@pytest.mark.parametrize("parse", [parse_date, parse_iso8601_date])
def test_a_date_that_is_nearly_one_is_read_the_same_or_declined(
    parse: Callable[[str], object],
) -> None:
    """Every character at every place, the telling ones at every two places, and any fraction."""
    fractions = (f"{DATE[:20]}{''.join(three)}Z" for three in product("\0Z+-:., 05", repeat=3))
    for text in chain(near_dates(CHARACTERS, 1), near_dates("\0Z+-:., 0", 2), fractions):
        job = _fast.structure(
            {"id": "a", "status": "queued", "estimatedCompletion": text}, "reject"
        )
        try:
            expected = parse(text)
        except InvalidValueError:
            assert job is None, text
        else:
            assert job is None or job.estimated_completion == expected, text


class Foreign:
    """A key that cannot be looked at."""

    def __hash__(self) -> int:
        return hash("id")

    def __eq__(self, other: object) -> bool:
        raise OSError


@pytest.mark.parametrize("payload", [{Foreign(): "a", "status": "queued"}, [], None])
def test_a_payload_of_another_kind_is_declined(payload: Any) -> None:
    """Nothing of it escapes."""
    assert _fast.structure(payload, "ignore") is None


class Text(str):
    """A string that may be anything."""

    __slots__ = ()


class Number(float):
    """A number that may be anything."""

    __slots__ = ()


class Members(dict[str, object]):
    """An object that may be anything."""


class Bytes(bytes):
    """A document that may be anything."""


@pytest.mark.parametrize(
    "changes",
    [
        {"id": Text("a")},
        {"status": Text("queued")},
        {"progress": Number(40)},
        {"progress": JobState.QUEUED},
        {"estimatedCompletion": Text(DATE)},
        {"error": Text("timeout")},
    ],
)
def test_values_of_a_subclass_are_declined(changes: dict[str, object]) -> None:
    """Their methods may be others."""
    payload = {"id": "a", "status": "queued"} | changes
    assert _fast.structure(payload, "ignore") is None


def test_documents_of_a_subclass_are_declined() -> None:
    """Of a dict, of a string and of bytes."""
    assert _fast.structure(Members(id="a", status="queued"), "ignore") is None
    assert decode(Text(document())) is None
    assert decode(Bytes(document().encode())) is None


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize("unknown_keys", ["ignore", "reject"])
def test_an_array_is_answered_and_what_is_none_is_declined(unknown_keys: str) -> None:
    """With every parser, and whether unknown keys are refused or not."""
    jobs = _fast.decode_array(f"[{document()}]", 64, unknown_keys)
    assert jobs == [JobStatus("a", "queued")]
    assert _fast.decode_array(document(), 64, unknown_keys) is None
    assert _fast.decode_array("[{}]", 64, unknown_keys) is None


@pytest.mark.parametrize("unknown_keys", ["ignore", "reject"])
def test_an_array_is_read_by_the_parser_that_is_installed(parser: str, unknown_keys: str) -> None:
    """The scanner reads none with a blank before it."""
    jobs = _fast.decode_array(f" [{document()}]", 64, unknown_keys)
    assert (jobs is not None) == (parser == "msgspec")
