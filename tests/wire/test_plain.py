"""Payloads whose values need no conversion take the fast path, and others the slow path."""

from __future__ import annotations

from collections import OrderedDict
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import pytest

from jobstatus import Codec, DecodeError, JobState, JobStatus
from jobstatus._wire import _payload

IGNORE, REJECT = Codec(), Codec(unknown_keys="reject")
PLAIN: dict[str, object] = {"id": "a", "status": "queued"}
FULL: dict[str, object] = {
    "id": "a",
    "status": "failed",
    "progress": 40,
    "estimatedCompletion": "2026-11-23T14:40:00.123Z",
    "error": "b",
}
FULL_JOB = JobStatus(
    "a",
    "failed",
    progress=40,
    estimated_completion=datetime(2026, 11, 23, 14, 40, 0, 123_000, tzinfo=UTC),
    error="b",
)


@pytest.mark.parametrize("policy", [IGNORE, REJECT])
def test_all_five_fields_take_the_fast_path(policy: Codec) -> None:
    """This holds whether unknown keys are ignored or rejected."""
    assert _payload.read_plain(FULL, policy) == FULL_JOB


@pytest.mark.parametrize("state", JobState)
def test_every_state_takes_the_fast_path(state: JobState) -> None:
    """The string becomes its member of JobState."""
    job: Any = _payload.read_plain({"id": "a", "status": state.value}, IGNORE)
    assert job.status is state


@pytest.mark.parametrize("number", [0, 0.0, -0.0, 1, 0.5, 99, 100, 100.0])
def test_a_number_in_the_range_takes_the_fast_path(number: float) -> None:
    """Progress is always a float, and never -0.0."""
    job = _payload.read_plain(PLAIN | {"progress": number}, IGNORE)
    assert repr(job) == repr(JobStatus("a", "queued", progress=number))


def test_ignored_unknown_keys_take_the_fast_path() -> None:
    """If the policy rejects unknown keys, the payload falls back."""
    assert _payload.read_plain(FULL | {"x": 1}, IGNORE) == FULL_JOB
    assert _payload.read_plain(FULL | {"x": 1}, REJECT) is None


@pytest.mark.parametrize("kind", [OrderedDict, MappingProxyType])
def test_other_mappings_fall_back(kind: Any) -> None:
    """The slow path reads them with the same result."""
    payload = kind(FULL)
    assert _payload.read_plain(payload, IGNORE) is None
    assert Codec().from_payload(payload) == FULL_JOB


@pytest.mark.parametrize("kind", [OrderedDict, MappingProxyType])
def test_problems_in_other_mappings_are_reported(kind: Any) -> None:
    """They are the same problems as in a dict."""
    with pytest.raises(DecodeError) as refused:
        REJECT.from_payload(kind(FULL | {"id": 5, "x": 1}))
    problems = [(problem.pointer, problem.code) for problem in refused.value.problems]
    assert problems == [("/id", "wrong_type"), ("/x", "unknown_key")]
