"""The law of the fast path: it declines, or says what the careful one says."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any, NoReturn
from unittest.mock import patch

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobstatus import Codec, DecodeError, JobStatus, Problem, _fast, _json
from jobstatus._payload import structurer
from jobstatus.strategies import (
    InvalidDocument,
    JsonDocument,
    invalid_documents,
    invalid_payloads,
    job_statuses,
    json_documents,
    payloads,
)
from tests.laws.ecmascript import stringify
from tests.laws.values import codecs, json_objects, with_codec
from tests.node.documents import DAMAGES, TOKENS, damage, damaged_documents
from tests.parsers import PARSERS, parsing_with

MUTANTS = 670


def fields(job: JobStatus) -> list[tuple[type[Any], str]]:
    """Return what a job holds, so exactly that 0 is not -0 and UTC is no other zone."""
    return [(type(value), repr(value)) for value in attrs.astuple(job)]


def agree(codec: Codec, data: bytes | str) -> set[str]:
    """Read a document in all ways; tell by which parsers the fast path answered."""
    answers = dict[str, JobStatus]()
    for name in PARSERS:
        with parsing_with(name):
            fast = _fast.decode(data, codec.max_depth, codec.unknown_keys)
        if fast is not None:
            answers[name] = fast
    if answers:
        payload = _json.parse(data, codec.max_depth)
        careful = structurer(codec.null, codec.unknown_keys, codec.dates)(payload)
        parsed = _fast.structure(payload, codec.unknown_keys)
        assert parsed is not None
        for job in (*answers.values(), parsed):
            assert fields(job) == fields(careful)
    return {*answers}


@given(codecs, job_statuses())
def test_what_is_written_is_plain(codec: Codec, job: JobStatus) -> None:
    """The fast path answers for every job, but msgspec for none with a lone surrogate."""
    data = codec.encode(job)
    escaped = any("\ud800" <= unit <= "\udfff" for unit in job.id + (job.error or ""))
    expected = {"json"} if escaped else {"json", "msgspec"}
    assert agree(codec, data) == agree(codec, data.decode()) == expected
    assert _fast.structure(job.to_payload(), "reject") == job


@given(job_statuses())
def test_a_job_is_written_as_ecma_262_says(job: JobStatus) -> None:
    """As text, as bytes, in an array and as a line."""
    text = stringify(job)
    assert job.to_json() == text
    assert Codec().encode(job) == text.encode()
    assert Codec().encode_array([job, job]) == f"[{text},{text}]".encode()
    assert [*Codec().encode_lines([job])] == [f"{text}\n".encode()]


@given(with_codec(json_documents))
def test_every_spelling_is_read_the_same_or_declined(drawn: tuple[Codec, JsonDocument]) -> None:
    """Under any policy, as bytes and as text."""
    codec, document = drawn
    agree(codec, document.data)
    agree(codec, document.data.decode())


@given(codecs, invalid_documents().map(lambda invalid: invalid.data) | damaged_documents())
def test_what_is_refused_is_declined(codec: Codec, data: bytes) -> None:
    """What the fast path answers, the careful one does not refuse."""
    agree(codec, data)


@given(
    codecs,
    json_objects
    | invalid_payloads().map(lambda invalid: invalid.payload)
    | st.tuples(json_objects, payloads()).map(lambda drawn: {**drawn[0], **drawn[1]}),
)
def test_a_parsed_object_is_read_the_same_or_declined(
    codec: Codec, payload: dict[str, object]
) -> None:
    """Whatever its values are."""
    fast = _fast.structure(payload, codec.unknown_keys)
    if fast is not None:
        careful = structurer(codec.null, codec.unknown_keys, codec.dates)(payload)
        assert fields(fast) == fields(careful)


def mutants(document: bytes, seed: int) -> Iterator[bytes]:
    """Yield a document with one to three faults, many times."""
    chance = random.Random(seed)  # noqa: S311 - the same ones again
    for _ in range(MUTANTS):
        data = document
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            at = chance.randint(0, len(data))
            to = min(len(data), at + chance.randint(0, 8))
            kind = chance.choice(DAMAGES[1:])
            data = damage(data, kind, at, to, chance.choice(TOKENS))
        yield data


@pytest.mark.sampling
def test_two_hundred_thousand_mutants_are_read_the_same_or_declined() -> None:
    """Bytes of documents that are valid, and of some that are not; by each of the parsers."""
    read, answered = 0, dict.fromkeys(PARSERS, 0)

    @settings(max_examples=300)
    @given(
        codecs,
        json_documents().map(lambda document: document.data)
        | job_statuses().map(Codec().encode)
        | invalid_documents().map(lambda invalid: invalid.data),
        st.integers(0, 2**32),
    )
    def agree_on_mutants(codec: Codec, document: bytes, seed: int) -> None:
        nonlocal read
        for data in mutants(document, seed):
            read += 1
            for name in agree(codec, data):
                answered[name] += 1

    agree_on_mutants()
    assert read >= 200_000
    assert all(number > read // 50 for number in answered.values()), answered


def refuse() -> NoReturn:
    """Fail, so that the careful path decides."""
    raise ValueError


@given(
    codecs,
    st.lists(json_documents() | invalid_documents(), max_size=4),
    st.sampled_from(["json", "msgspec"]),
)
def test_an_array_is_what_its_items_are(
    codec: Codec, documents: list[JsonDocument | InvalidDocument], name: str
) -> None:
    """Read at once or item by item, with the same problems below the item's index."""
    items = [document.data.strip(b" \t\r\n\xef\xbb\xbf") for document in documents]
    data = b"[" + b",".join(items) + b"]"

    def read(parser: str) -> list[JobStatus] | tuple[Problem, ...]:
        with parsing_with(parser):
            try:
                return codec.decode_array(data)
            except DecodeError as error:
                return error.problems

    with patch.object(_fast, "decoders", refuse):
        try:
            careful: list[JobStatus] | tuple[Problem, ...] = codec.decode_array(data)
        except DecodeError as error:
            careful = error.problems
    assert repr(read(name)) == repr(careful)
