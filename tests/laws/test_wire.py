"""Laws of reading and writing JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeVar

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jobstatus import Codec, DecodeError, JobStatus
from jobstatus._untrusted import printable
from jobstatus.strategies import (
    InvalidDocument,
    InvalidPayload,
    JsonDocument,
    invalid_documents,
    invalid_payloads,
    job_statuses,
    json_documents,
)
from tests.support.damage import damaged_documents
from tests.support.values import codecs, json_objects, json_values, with_codec

T = TypeVar("T")


def attempt_decode(codec: Codec, data: bytes) -> JobStatus | DecodeError:
    """Return the job or the DecodeError; any other exception fails the test."""
    try:
        return codec.decode(data)
    except DecodeError as error:
        return error


@given(job_statuses(), codecs)
def test_a_job_survives_a_round_trip_through_json(job: JobStatus, codec: Codec) -> None:
    """Decoding an encoded job gives an equal job, under any policy."""
    assert codec.decode(codec.encode(job)) == job
    assert JobStatus.from_json(job.to_json()) == job


@given(job_statuses())
def test_a_job_survives_a_round_trip_through_a_payload(job: JobStatus) -> None:
    """The payload may pass through another JSON encoder."""
    assert JobStatus.from_payload(job.to_payload()) == job
    assert JobStatus.from_payload(json.loads(json.dumps(job.to_payload()))) == job


def problems(read: Callable[[T], JobStatus], given: T) -> set[tuple[str, str]]:
    """Return the pointer and the code of each problem that a reader reports."""
    with pytest.raises(DecodeError) as rejected:
        read(given)
    return {(problem.pointer, problem.code) for problem in rejected.value.problems}


@given(with_codec(json_documents))
def test_every_spelling_of_a_job_is_read_as_that_job(drawn: tuple[Codec, JsonDocument]) -> None:
    """Keys, blanks, escapes, numbers and dates vary, under any policy."""
    codec, document = drawn
    assert codec.decode(document.data) == document.job


@given(with_codec(invalid_documents))
def test_exactly_the_problems_of_a_document_are_reported(
    drawn: tuple[Codec, InvalidDocument],
) -> None:
    """The document is drawn together with its problems, for any policy."""
    codec, invalid = drawn
    assert problems(codec.decode, invalid.data) == invalid.problems


@given(with_codec(invalid_payloads))
def test_exactly_the_problems_of_a_payload_are_reported(
    drawn: tuple[Codec, InvalidPayload],
) -> None:
    """The payload is drawn together with its problems, for any policy."""
    codec, invalid = drawn
    assert problems(codec.from_payload, invalid.payload) == invalid.problems


@given(invalid_documents(codec=Codec(max_depth=1)))
def test_a_codec_can_allow_a_single_level_of_nesting(invalid: InvalidDocument) -> None:
    """A deeper document has only the problem too_deep."""
    assert problems(Codec(max_depth=1).decode, invalid.data) == invalid.problems


@given(job_statuses())
def test_writing_is_canonical(job: JobStatus) -> None:
    """Decoding and encoding again returns the same bytes."""
    data = Codec().encode(job)
    assert Codec().encode(Codec().decode(data)) == data


@given(st.lists(job_statuses()))
def test_jobs_survive_arrays_and_lines(jobs: list[JobStatus]) -> None:
    """Both round trips return the same jobs in the same order."""
    codec = Codec()
    assert codec.decode_array(codec.encode_array(jobs)) == jobs
    assert list(codec.decode_lines(codec.encode_lines(jobs))) == jobs


@given(codecs, st.binary())
@example(Codec(), b"\xef\xbb\xbf{}")
@example(Codec(), b'{"id":"a","status":"queued","progress":-}')
def test_any_bytes_give_a_job_or_a_decode_error(codec: Codec, data: bytes) -> None:
    """The examples are a byte order mark and a number without digits."""
    assert isinstance(attempt_decode(codec, data), JobStatus | DecodeError)


@given(codecs, json_objects.map(json.dumps))
def test_any_json_object_gives_a_job_or_a_decode_error(codec: Codec, text: str) -> None:
    """The object may have known and unknown keys with any values."""
    assert isinstance(attempt_decode(codec, text.encode()), JobStatus | DecodeError)


@given(codecs, json_values.map(json.dumps))
def test_any_json_value_gives_a_job_or_a_decode_error(codec: Codec, text: str) -> None:
    """Arrays, numbers, strings and literals raise only DecodeError."""
    assert isinstance(attempt_decode(codec, text.encode()), JobStatus | DecodeError)


@given(damaged_documents())
def test_a_damaged_document_gives_a_job_or_a_decode_error(document: bytes) -> None:
    """Its bytes are cut, flipped, doubled or inserted."""
    assert isinstance(attempt_decode(Codec(), document), JobStatus | DecodeError)


@given(json_objects)
@example({"k" * 81: 1})
@example({"\0" * 21: 1})
def test_every_pointer_names_the_key_of_its_problem(payload: dict[str, object]) -> None:
    """It names a key of the payload, a missing key, or the payload if the key is too long."""
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
    """A message has under 220 characters, and an error under 2,000."""
    with pytest.raises(DecodeError) as rejected:
        Codec(unknown_keys="reject").decode(invalid.data)
    assert all(len(problem.message) < 220 for problem in rejected.value.problems)
    assert len(str(rejected.value)) < 2000
