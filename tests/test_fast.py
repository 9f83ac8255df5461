"""The fast path answers for what is ordinary, and declines what is near it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, combinations, product
from pathlib import Path
from typing import Any

import pytest

from jobstatus import InvalidValueError, JobState, JobStatus, _fast
from jobstatus.dates import parse_date, parse_iso8601_date

GOLDEN = Path(__file__).parent / "golden" / "v1"
DATE = "2026-11-23T14:40:00.123Z"


def decode(data: object, *, only_known_keys: bool = False) -> JobStatus | None:
    """Read a document the fast way."""
    return _fast.decode(data, 64, only_known_keys=only_known_keys)


def document(**fields: object) -> str:
    """Return a document with some fields beside what it must have."""
    return json.dumps({"id": "a", "status": "queued"} | fields)


def test_what_node_wrote_is_ordinary() -> None:
    """No payload of the golden files is declined, nor one with a newline."""
    for line in (GOLDEN / "lines.ndjson").read_bytes().splitlines(keepends=True):
        job = decode(line, only_known_keys=True)
        assert job is not None
        assert job.to_json().encode() + b"\n" == line


@pytest.mark.parametrize(
    "data",
    [
        document(progress=100),
        document(progress=-0.0),
        document(error="[{"),
        document(metadata={"tags": ["a", "b"]})[:-1] + ',"score":1e999}',
        document(id="\u6f22 \ud800 \U0001f4f7"),
        document()[:-1] + ',"id":"\ud83d\ude00","error":"\ud83d\\ude00"}',
        document(estimatedCompletion=DATE).encode(),
        document() + " \t\r\n",
    ],
)
def test_ordinary_documents_are_answered(data: str | bytes) -> None:
    """Also with unknown keys; a blank before it makes a document one for the careful path."""
    job = decode(data)
    assert job is not None
    careful = JobStatus.from_json(b" " + data if isinstance(data, bytes) else f" {data}")
    assert repr(job) == repr(careful)


@pytest.mark.parametrize(
    "data",
    [
        "",
        " " + document(),
        "\ufeff" + document(),
        document() + "x",
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
        document(x=1)[:-1] + ',"y":' + "1" * 5000 + "}",
        document()[:-1] + ',"x":' + "[" * 64 + "]" * 64 + "}",
    ],
)
def test_what_is_not_plain_is_declined(data: object) -> None:
    """Whether the careful path refuses it or not."""
    assert decode(data) is None


def test_unknown_keys_are_declined_where_they_are_refused() -> None:
    """One key more than the interface has is enough."""
    assert decode(document(x=1)) is not None
    assert decode(document(x=1), only_known_keys=True) is None


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
    """Every character at every place, and the telling ones at every two places."""
    for text in chain(near_dates(CHARACTERS, 1), near_dates("\0Z+-:., 0", 2)):
        job = _fast.structure(
            {"id": "a", "status": "queued", "estimatedCompletion": text}, only_known_keys=True
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
    assert _fast.structure(payload, only_known_keys=False) is None


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
    assert _fast.structure(payload, only_known_keys=False) is None


def test_documents_of_a_subclass_are_declined() -> None:
    """Of a dict, of a string and of bytes."""
    assert _fast.structure(Members(id="a", status="queued"), only_known_keys=False) is None
    assert decode(Text(document())) is None
    assert decode(Bytes(document().encode())) is None
