"""Laws of the wire."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeVar

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jobstatus import Codec, DecodeError, JobStatus
from jobstatus._foreign import printable
from jobstatus.strategies import (
    InvalidDocument,
    InvalidPayload,
    JsonDocument,
    invalid_documents,
    invalid_payloads,
    job_statuses,
    json_documents,
)
from tests.laws.values import codecs, json_objects, json_values, with_codec
from tests.node.documents import damaged_documents

T = TypeVar("T")


def decode_or_refuse(codec: Codec, data: bytes) -> JobStatus | DecodeError:
    """Decode; anything but a DecodeError escapes and fails the test."""
    try:
        return codec.decode(data)
    except DecodeError as error:
        return error


@given(job_statuses(), codecs)
def test_every_job_survives_its_json(job: JobStatus, codec: Codec) -> None:
    """Reading what was written gives an equal job, under any policy."""
    assert codec.decode(codec.encode(job)) == job
    assert JobStatus.from_json(job.to_json()) == job


@given(job_statuses())
def test_every_job_survives_its_payload(job: JobStatus) -> None:
    """Reading the payload that was made gives an equal job, also through another JSON encoder."""
    assert JobStatus.from_payload(job.to_payload()) == job
    assert JobStatus.from_payload(json.loads(json.dumps(job.to_payload()))) == job


def problems(read: Callable[[T], JobStatus], given: T) -> set[tuple[str, str]]:
    """Return the pointer and the code of each problem with which a reader refuses."""
    with pytest.raises(DecodeError) as refused:
        read(given)
    return {(problem.pointer, problem.code) for problem in refused.value.problems}


@given(with_codec(json_documents))
def test_every_spelling_of_a_job_is_read_as_the_job(drawn: tuple[Codec, JsonDocument]) -> None:
    """Whatever its keys, blanks, escapes, numbers and dates look like, under any policy."""
    codec, document = drawn
    assert codec.decode(document.data) == document.job


@given(with_codec(invalid_documents))
def test_what_is_wrong_with_a_document_is_reported(drawn: tuple[Codec, InvalidDocument]) -> None:
    """All of it, under any policy, and nothing else."""
    codec, invalid = drawn
    assert problems(codec.decode, invalid.data) == invalid.problems


@given(with_codec(invalid_payloads))
def test_what_is_wrong_with_a_payload_is_reported(drawn: tuple[Codec, InvalidPayload]) -> None:
    """All of it, under any policy, and nothing else."""
    codec, invalid = drawn
    assert problems(codec.from_payload, invalid.payload) == invalid.problems


@given(invalid_documents(codec=Codec(max_depth=1)))
def test_a_reader_may_allow_one_level(invalid: InvalidDocument) -> None:
    """What is deeper has that problem and no other."""
    assert problems(Codec(max_depth=1).decode, invalid.data) == invalid.problems


@given(job_statuses())
def test_writing_is_canonical(job: JobStatus) -> None:
    """What is read and written again has the same bytes."""
    data = Codec().encode(job)
    assert Codec().encode(Codec().decode(data)) == data


@given(st.lists(job_statuses()))
def test_arrays_and_lines_carry_the_same_jobs(jobs: list[JobStatus]) -> None:
    """An array and NDJSON of the same jobs are read as the same jobs."""
    codec = Codec()
    assert codec.decode_array(codec.encode_array(jobs)) == jobs
    assert list(codec.decode_lines(codec.encode_lines(jobs))) == jobs


@given(codecs, st.binary())
@example(Codec(), b"\xef\xbb\xbf{}")
@example(Codec(), b'{"id":"a","status":"queued","progress":-}')
def test_any_bytes_end_in_a_job_or_a_decode_error(codec: Codec, data: bytes) -> None:
    """No bytes raise anything but DecodeError."""
    assert isinstance(decode_or_refuse(codec, data), JobStatus | DecodeError)


@given(codecs, json_objects.map(json.dumps))
def test_any_json_object_ends_in_a_job_or_a_decode_error(codec: Codec, text: str) -> None:
    """No JSON object raises anything but DecodeError."""
    assert isinstance(decode_or_refuse(codec, text.encode()), JobStatus | DecodeError)


@given(codecs, json_values.map(json.dumps))
def test_any_json_value_ends_in_a_job_or_a_decode_error(codec: Codec, text: str) -> None:
    """No JSON value raises anything but DecodeError."""
    assert isinstance(decode_or_refuse(codec, text.encode()), JobStatus | DecodeError)


@given(damaged_documents())
def test_a_damaged_document_ends_in_a_job_or_a_decode_error(document: bytes) -> None:
    """A document with bytes cut, flipped, doubled or put in raises nothing but DecodeError."""
    assert isinstance(decode_or_refuse(Codec(), document), JobStatus | DecodeError)


@given(json_objects)
@example({"k" * 81: 1})
@example({"\0" * 21: 1})
def test_every_problem_points_at_what_it_is_about(payload: dict[str, object]) -> None:
    """A pointer names a key of the payload, a key that is missing from it, or the payload."""
    try:
        Codec(unknown_keys="reject").from_payload(payload)
    except DecodeError as error:
        for problem in error.problems:
            if not problem.pointer:
                assert any(len(printable(key)) > 80 for key in payload)
                continue
            key = problem.pointer[1:].replace("~1", "/").replace("~0", "~")
            assert (key in payload) is (problem.code != "missing")


@given(invalid_documents(codec=Codec(unknown_keys="reject")))
def test_messages_are_short(invalid: InvalidDocument) -> None:
    """No document makes a message long."""
    with pytest.raises(DecodeError) as refused:
        Codec(unknown_keys="reject").decode(invalid.data)
    assert all(len(problem.message) < 220 for problem in refused.value.problems)
    assert len(str(refused.value)) < 2000
