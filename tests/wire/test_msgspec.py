"""Which documents the msgspec parser reads, and which fall back to the slow path."""

from __future__ import annotations

import gc
from array import array
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any
from unittest.mock import Mock

import pytest

from jobstatus import Codec, JobState, JobStatus
from jobstatus._wire import _json, _msgspec
from tests.support.parsers import PARSERS, nothing

IGNORE, REJECT, SHALLOW = Codec(), Codec(unknown_keys="reject"), Codec(max_depth=1)
DOCUMENT = '{"id":"a","status":"queued"}'
UNKNOWN = '{"id":"a","status":"queued","x":1}'
JOB = JobStatus("a", "queued")
FULL = (
    '{"id":"a","status":"failed","progress":40,'
    '"estimatedCompletion":"2026-11-23T14:40:00.123Z","error":"b"}'
)
FULL_JOB = JobStatus(
    "a",
    "failed",
    progress=40,
    estimated_completion=datetime(2026, 11, 23, 14, 40, 0, 123_000, tzinfo=UTC),
    error="b",
)
decode, decode_array = PARSERS["msgspec"]


def with_members(members: str) -> str:
    """Return the document with more members at its end."""
    return f"{DOCUMENT[:-1]},{members}}}"


@pytest.fixture
def is_deep(monkeypatch: pytest.MonkeyPatch) -> Mock:
    """Record the calls of `is_deep`, the slow scan for the depth."""
    counted = Mock(side_effect=_json.is_deep)
    monkeypatch.setattr(_json, "is_deep", counted)
    return counted


@pytest.mark.parametrize("policy", [IGNORE, REJECT])
def test_all_five_fields_are_read(policy: Codec) -> None:
    """This holds in a document and in an array, with and without unknown keys."""
    assert decode(FULL, policy) == FULL_JOB
    assert decode_array(f"[{FULL},{DOCUMENT}]", policy) == [FULL_JOB, JOB]
    unknown = FULL[:-1] + ',"x":1}'
    assert decode(unknown, IGNORE) == FULL_JOB
    assert decode_array(f"[{unknown},{UNKNOWN}]", IGNORE) == [FULL_JOB, JOB]


@pytest.mark.parametrize("state", JobState)
def test_every_state_is_read(state: JobState) -> None:
    """The parser returns the member of JobState itself, not a string."""
    job = decode(f'{{"id":"a","status":"{state}"}}', IGNORE)
    assert job.status is state


@pytest.mark.parametrize("number", ["0", "100", "0.0", "100.0", "1e2", "-0", "-0.0", "5e-324"])
def test_both_limits_of_progress_are_read(number: str) -> None:
    """The limits 0 and 100 are valid, and -0.0 becomes 0.0."""
    document = with_members(f'"progress":{number}')
    (job,) = decode_array(f"[{document}]", IGNORE)
    assert repr(job) == repr(decode(document, IGNORE))
    assert repr(job) == repr(JobStatus("a", "queued", progress=float(number)))


@pytest.mark.parametrize("number", ["-1", "-5e-324", "100.00000000000001", "101", "1e999"])
def test_progress_outside_the_range_falls_back(number: str) -> None:
    """This holds in a document and in an array."""
    document = with_members(f'"progress":{number}')
    assert decode(document, IGNORE) is None
    assert decode_array(f"[{document}]", IGNORE) is None


@pytest.mark.parametrize(
    "member", ['"progress":null', '"estimatedCompletion":null', '"error":null']
)
def test_null_falls_back(member: str) -> None:
    """It falls back even if the policy reads null as absent."""
    document = with_members(member)
    for policy in (IGNORE, Codec(null="absent")):
        assert decode(document, policy) is None
        assert decode_array(f"[{document}]", policy) is None


@pytest.mark.parametrize("document", ['{"id":"a"}', '{"status":"queued"}', "{}"])
def test_a_missing_required_key_falls_back(document: str) -> None:
    """This holds in a document and in an array."""
    assert decode(document, IGNORE) is None
    assert decode_array(f"[{document}]", IGNORE) is None


@pytest.mark.parametrize("as_bytes", [bytes, bytearray, memoryview])
def test_every_kind_of_bytes_is_read(as_bytes: Callable[[bytes], Any]) -> None:
    """So is text, as every other test shows."""
    assert decode(as_bytes(DOCUMENT.encode()), IGNORE) == JOB
    assert decode_array(as_bytes(f"[{DOCUMENT}]".encode()), IGNORE) == [JOB]


def test_other_buffers_fall_back() -> None:
    """The library reads no other buffers, although msgspec would."""
    buffer: Any = array("B", DOCUMENT.encode())
    items: Any = array("B", f"[{DOCUMENT}]".encode())
    assert decode(buffer, IGNORE) is None
    assert decode_array(items, IGNORE) is None


def test_the_exact_struct_is_tried_again_after_a_thousand_documents() -> None:
    """Until then, the struct that ignores unknown keys reads every document."""
    exact, ignoring = Mock(return_value=item()), Mock(return_value=item())
    exact.side_effect = [ValueError, item(), item()]
    read = decode_with(exact, ignoring)
    for _ in range(1_001):
        read(DOCUMENT, IGNORE)
    assert (exact.call_count, ignoring.call_count) == (1, 1_001)
    read(DOCUMENT, IGNORE)
    read(DOCUMENT, IGNORE)
    assert (exact.call_count, ignoring.call_count) == (3, 1_001)


def test_a_document_that_neither_struct_reads_does_not_switch_structs() -> None:
    """The exact struct still reads the next document."""
    exact, ignoring = Mock(side_effect=[ValueError, item()]), Mock(side_effect=ValueError)
    read = decode_with(exact, ignoring)
    assert read(DOCUMENT, IGNORE) is None
    assert read(DOCUMENT, IGNORE) == JOB
    assert (exact.call_count, ignoring.call_count) == (2, 1)


def test_a_rejecting_policy_always_uses_the_exact_struct() -> None:
    """Earlier documents under another policy do not change this."""
    exact, ignoring = Mock(side_effect=[ValueError, item(), ValueError]), Mock(return_value=item())
    read = decode_with(exact, ignoring)
    assert read(UNKNOWN, IGNORE) == JOB
    assert read(DOCUMENT, REJECT) == JOB
    assert read(UNKNOWN, REJECT) is None
    assert (exact.call_count, ignoring.call_count) == (3, 1)


def item() -> Any:
    """Return a struct with the fields that msgspec would fill in."""
    return Mock(id="a", status=JobState.QUEUED, progress=None, estimatedCompletion=None, error=None)


def decode_with(exact: Mock, ignoring: Mock) -> Callable[[Any, Codec], JobStatus | None]:
    """Return a fast path that uses the given decoders for its two structs."""
    decoders = iter([Mock(decode=exact), Mock(decode=ignoring)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_msgspec, "Decoder", Mock(side_effect=decoders))
        return _msgspec.make_decode(nothing)


@pytest.mark.parametrize(
    "data",
    [
        UNKNOWN.encode(),
        with_members(f'"x":["{"b" * 91}"]').encode(),  # two bytes for each of 64 levels
        with_members(f'"x":"{"b" * 200}"').encode(),
    ],
    ids=len,
)
def test_the_depth_of_short_or_flat_documents_is_not_scanned(data: bytes, is_deep: Mock) -> None:
    """Short documents, and documents with a single bracket, cannot be too deep."""
    assert decode(data, IGNORE) == JOB
    is_deep.assert_not_called()


@pytest.mark.parametrize(
    "data",
    [
        UNKNOWN,
        UNKNOWN.replace("x", "\u00e9").encode(),
        bytearray(UNKNOWN.encode()),
        with_members(f'"x":["{"b" * 120}"]').encode(),
        with_members(f'"x":{{"y":"{"b" * 120}"}}').encode(),
    ],
)
def test_the_depth_of_other_documents_is_scanned(data: Any, is_deep: Mock) -> None:
    """Text, buffers, and long or non-ASCII bytes need the scan."""
    assert decode(data, IGNORE) == JOB
    is_deep.assert_called_once()


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_the_maximum_depth_is_exact_in_long_documents(opening: str, closing: str) -> None:
    """This holds for text and bytes, in a document and in an array."""
    for depth in (63, 64):
        inner = f"{opening * depth}1{closing * depth}"
        document = with_members(f'"x":{inner},"y":"{"b" * 200}"')
        expected = JOB if depth < Codec().max_depth else None
        assert decode(document, IGNORE) == decode(document.encode(), IGNORE) == expected
    for depth in (62, 63):
        document = with_members(f'"x":{opening * depth}1{closing * depth}')
        jobs: Iterable[JobStatus] | None = decode_array(f"[{document}]", IGNORE)
        assert jobs == ([JOB] if depth == Codec().max_depth - 2 else None)


def test_a_flat_document_is_read_if_the_maximum_depth_is_one() -> None:
    """An array falls back, because its documents are on the second level."""
    assert decode(UNKNOWN.encode(), SHALLOW) == JOB
    assert decode(DOCUMENT.encode(), SHALLOW) == JOB
    assert decode_array(f"[{DOCUMENT}]", SHALLOW) is None
    assert decode_array("[]", SHALLOW) is None
    assert decode_array(f"[{DOCUMENT}]", Codec(max_depth=2)) == [JOB]


def test_invalid_utf_8_in_an_unknown_value_falls_back() -> None:
    """Msgspec itself does not check the encoding of values that it skips."""
    data = with_members('"x":"?"').encode().replace(b"?", b"\xff")
    assert decode(data, IGNORE) is None
    assert decode_array(b"[" + data + b"]", IGNORE) is None


def test_structs_are_not_tracked_by_the_garbage_collector() -> None:
    """They live briefly and cannot be part of a reference cycle."""
    for name in ("_EXACT", "_IGNORING", "_STRUCT"):
        assert not gc.is_tracked(vars(_msgspec)[name](id=["a"], status="queued"))
