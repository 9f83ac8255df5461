"""The law of the fast path: it declines, or says what the careful one says."""

from __future__ import annotations

from typing import Any

import attrs
from hypothesis import given
from hypothesis import strategies as st

from jobstatus import Codec, JobStatus, _fast, _json
from jobstatus._payload import structurer
from jobstatus.strategies import (
    JsonDocument,
    invalid_documents,
    invalid_payloads,
    job_statuses,
    json_documents,
    payloads,
)
from tests.laws.values import codecs, json_objects, with_codec
from tests.node.documents import damaged_documents


def fields(job: JobStatus) -> list[tuple[type[Any], str]]:
    """Return what a job holds, so exactly that 0 is not -0 and UTC is no other zone."""
    return [(type(value), repr(value)) for value in attrs.astuple(job)]


def agree(codec: Codec, data: bytes | str) -> bool:
    """Read a document both ways, and a parsed one; tell whether the fast path answered."""
    only_known_keys = codec.unknown_keys == "reject"
    fast = _fast.decode(data, codec.max_depth, only_known_keys=only_known_keys)
    if fast is None:
        return False
    payload = _json.parse(data, codec.max_depth)
    careful = structurer(codec.null, codec.unknown_keys, codec.dates)(payload)
    parsed = _fast.structure(payload, only_known_keys=only_known_keys)
    assert parsed is not None
    assert fields(fast) == fields(parsed) == fields(careful)
    return True


@given(codecs, job_statuses())
def test_what_is_written_is_plain(codec: Codec, job: JobStatus) -> None:
    """The fast path answers for every job, as bytes, as text and parsed."""
    data = codec.encode(job)
    assert agree(codec, data)
    assert agree(codec, data.decode())
    assert _fast.structure(job.to_payload(), only_known_keys=True) == job


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
    fast = _fast.structure(payload, only_known_keys=codec.unknown_keys == "reject")
    if fast is not None:
        careful = structurer(codec.null, codec.unknown_keys, codec.dates)(payload)
        assert fields(fast) == fields(careful)
