"""The law of the fast path: fall back, or return exactly the value of the slow path."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobstatus import Codec, JobStatus
from jobstatus._wire import _payload, _slow
from jobstatus.strategies import (
    InvalidDocument,
    JsonDocument,
    invalid_documents,
    invalid_payloads,
    job_statuses,
    json_documents,
    payloads,
)
from tests.support.damage import DAMAGES, TOKENS, damage, damaged_documents
from tests.support.ecmascript import stringify
from tests.support.judge import attempt, check_fast, exact, read_document_slowly, read_slowly
from tests.support.parsers import PARSERS, Parser, parsing_with
from tests.support.values import codecs, json_objects, with_codec

MUTANTS = 670


def agree(codec: Codec, data: bytes | str) -> set[Parser]:
    """Check that all paths agree on a document; return the parsers that did not fall back."""
    slow = attempt(lambda: read_document_slowly(codec, data))
    return check_fast(codec, data, slow)


@given(codecs, job_statuses())
def test_the_fast_path_reads_encoded_jobs(codec: Codec, job: JobStatus) -> None:
    """Escaped ids and exponents fall back from the pattern, and lone surrogates from msgspec."""
    data = codec.encode(job)
    expected = set[Parser]()
    number = JobStatus("", "queued", progress=job.progress).to_json()
    if b"\\" not in data.partition(b',"status"')[0] and "e-" not in number:
        expected.add("json")
    if not any("\ud800" <= unit <= "\udfff" for unit in job.id + (job.error or "")):
        expected.add("msgspec")
    assert agree(codec, data) == agree(codec, data.decode()) == expected


@given(codecs, job_statuses())
def test_read_plain_accepts_the_payloads_of_to_payload(codec: Codec, job: JobStatus) -> None:
    """Only payloads with non-ASCII texts need the full checks."""
    payload = job.to_payload()
    is_plain = (job.id + (job.error or "")).isascii()
    assert (_payload.read_plain(payload, codec) is not None) == is_plain


@given(st.lists(job_statuses(), max_size=3))
def test_every_parser_writes_jobs_as_ecma_262_says(jobs: list[JobStatus]) -> None:
    """The output is text, bytes, an array or lines."""
    texts = [stringify(job) for job in jobs]
    for name in PARSERS:
        with parsing_with(name):
            assert [job.to_json() for job in jobs] == texts
            assert [Codec().encode(job).decode() for job in jobs] == texts
            assert Codec().encode_array(iter(jobs)).decode() == f"[{','.join(texts)}]"
            assert [*Codec().encode_lines(jobs)] == [f"{text}\n".encode() for text in texts]


@given(with_codec(json_documents))
def test_all_paths_read_a_spelling_of_a_job_the_same(drawn: tuple[Codec, JsonDocument]) -> None:
    """Documents are bytes or text, under any policy."""
    codec, document = drawn
    agree(codec, document.data)
    agree(codec, document.data.decode())


@given(codecs, invalid_documents().map(lambda invalid: invalid.data) | damaged_documents())
def test_all_paths_reject_the_same_documents(codec: Codec, data: bytes) -> None:
    """The fast path accepts nothing that the slow path rejects."""
    agree(codec, data)


@given(
    codecs,
    json_objects
    | invalid_payloads().map(lambda invalid: invalid.payload)
    | st.tuples(json_objects, payloads()).map(lambda drawn: {**drawn[0], **drawn[1]}),
)
def test_read_plain_agrees_with_the_checks_that_report_problems(
    codec: Codec, payload: dict[str, object]
) -> None:
    """The payload may be any dict that a JSON parser can return."""
    plain = _payload.read_plain(payload, codec)
    if plain is not None:
        assert exact(plain) == exact(read_slowly(codec, payload))


def mutants(document: bytes, seed: int) -> Iterator[bytes]:
    """Yield many copies of a document, each with one to three random faults."""
    chance = random.Random(seed)
    for _ in range(MUTANTS):
        data = document
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            at = chance.randint(0, len(data))
            to = min(len(data), at + chance.randint(0, 8))
            kind = chance.choice(DAMAGES[1:])
            data = damage(data, kind, at, to, chance.choice(TOKENS))
        yield data


@pytest.mark.sampling
def test_all_paths_read_two_hundred_thousand_mutants_the_same() -> None:
    """Each parser must also accept some mutants, of both valid and invalid documents."""
    read, answered = 0, dict.fromkeys(PARSERS, 0)

    @settings(max_examples=300)
    @given(
        codecs,
        json_documents().map(lambda document: document.data)
        | job_statuses().map(Codec().encode)
        | job_statuses(ids=st.just("job-42")).map(Codec().encode)
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


@given(codecs, st.lists(json_documents() | invalid_documents(), max_size=4))
def test_all_paths_read_an_array_the_same(
    codec: Codec, documents: list[JsonDocument | InvalidDocument]
) -> None:
    """Problems have the same pointers below the item's index."""
    items = [document.data.strip(b" \t\r\n\xef\xbb\xbf") for document in documents]
    data = b"[" + b",".join(items) + b"]"
    slow = attempt(lambda: _slow.decode_array(data, codec))
    for fast in PARSERS.values():
        jobs: list[JobStatus] | None = fast.decode_array(data, codec)
        assert jobs is None or exact(jobs) == exact(slow)
