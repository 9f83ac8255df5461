"""Payloads are checked strictly, and written with the keys of the interface."""

from __future__ import annotations

import gc
import json
import weakref
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, get_args
from unittest.mock import Mock

import pytest

from jobstatus import Codec, DecodeError, JobStatus, Payload, StateName
from jobstatus._fields import FIELDS

ETA = datetime(2026, 11, 23, 14, 40, 0, 123_000, tzinfo=UTC)
WIRE: Payload = {
    "id": "job-42",
    "status": "processing",
    "progress": 40,
    "estimatedCompletion": "2026-11-23T14:40:00.123Z",
    "error": "odd",
}
JOB = JobStatus("job-42", "processing", progress=40, estimated_completion=ETA, error="odd")


class Value:
    """A value that no field accepts."""


def type_name(value: object) -> str:
    """Return the name of a parameter's type, as its test id."""
    return type(value).__name__


def problems(payload: object, **options: Any) -> list[tuple[str, str]]:
    """Return the pointers and codes of the problems in a payload."""
    read: Any = Codec(**options).from_payload
    with pytest.raises(DecodeError) as refused:
        read(payload)
    return [(problem.pointer, problem.code) for problem in refused.value.problems]


def test_a_payload_round_trips_with_the_keys_of_the_interface() -> None:
    """Writing gives the payload that was read, in the interface's order."""
    assert JobStatus.from_payload(WIRE) == JOB
    assert JOB.to_payload() == WIRE
    assert list(JOB.to_payload()) == [field.key for field in FIELDS]


def test_absent_optional_fields_are_left_out() -> None:
    """They are never written as null."""
    assert JobStatus.queued("a").to_payload() == {"id": "a", "status": "queued"}


def test_any_json_encoder_can_write_a_payload() -> None:
    """Its values are exactly str, int or float, and whole numbers are ints."""
    assert {type(value) for value in JOB.to_payload().values()} == {str, int}
    assert json.dumps(JOB.to_payload()).count(": 40,") == 1
    half = JobStatus("a", "processing", progress=0.5).to_payload()
    assert json.dumps(half) == '{"id": "a", "status": "processing", "progress": 0.5}'


def test_the_typed_dict_has_the_keys_of_the_interface() -> None:
    """Payload declares the same keys as the table of fields."""
    assert list(Payload.__annotations__) == [field.key for field in FIELDS]
    assert Payload.__required_keys__ == {field.key for field in FIELDS if not field.optional}
    assert get_args(StateName) == ("queued", "processing", "completed", "failed", "cancelled")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"id": 5}, ("/id", "wrong_type")),
        ({"id": None}, ("/id", "wrong_type")),
        ({"status": 1}, ("/status", "wrong_type")),
        ({"status": None}, ("/status", "wrong_type")),
        ({"status": "canceled"}, ("/status", "unknown_state")),
        ({"progress": "50"}, ("/progress", "wrong_type")),
        ({"progress": " 5_0 "}, ("/progress", "wrong_type")),
        ({"progress": True}, ("/progress", "wrong_type")),
        ({"progress": []}, ("/progress", "wrong_type")),
        ({"progress": None}, ("/progress", "null")),
        ({"progress": -1}, ("/progress", "out_of_range")),
        ({"progress": float("nan")}, ("/progress", "out_of_range")),
        ({"estimatedCompletion": None}, ("/estimatedCompletion", "null")),
        ({"estimatedCompletion": 0}, ("/estimatedCompletion", "wrong_type")),
        ({"estimatedCompletion": ETA}, ("/estimatedCompletion", "wrong_type")),
        ({"estimatedCompletion": "soon"}, ("/estimatedCompletion", "invalid_date")),
        ({"estimatedCompletion": "2026-11-23T14:40"}, ("/estimatedCompletion", "no_offset")),
        ({"estimatedCompletion": "+010000-01-01"}, ("/estimatedCompletion", "out_of_range")),
        ({"error": None}, ("/error", "null")),
        ({"error": {}}, ("/error", "wrong_type")),
    ],
)
def test_invalid_values_are_reported_and_never_coerced(
    change: dict[str, object], problem: tuple[str, str]
) -> None:
    """Each invalid value gives one problem with a pointer and a code."""
    assert problems(WIRE | change) == [problem]


@pytest.mark.parametrize("key", ["id", "status"])
def test_a_required_key_that_is_missing_is_reported(key: str) -> None:
    """It has its own code, so callers can tell it from a wrong type."""
    payload = {name: value for name, value in WIRE.items() if name != key}
    assert problems(payload) == [(f"/{key}", "missing")]


def test_all_problems_are_reported_at_once() -> None:
    """Fields come in the interface's order, then unknown keys in the payload's order."""
    payload = {"z/~": 1, "error": 1, "progress": 101, "estimatedCompletion": None, "id": 5, "a": 2}
    assert problems(payload, unknown_keys="reject") == [
        ("/id", "wrong_type"),
        ("/status", "missing"),
        ("/progress", "out_of_range"),
        ("/estimatedCompletion", "null"),
        ("/error", "wrong_type"),
        ("/z~1~0", "unknown_key"),
        ("/a", "unknown_key"),
    ]


def test_messages_use_the_keys_of_the_payload() -> None:
    """Their readers see the payload, so the Python names would not help."""
    with pytest.raises(
        DecodeError, match=r"estimatedCompletion: expected a date like .*'soon' \[invalid_date\]$"
    ):
        JobStatus.from_payload(WIRE | {"estimatedCompletion": "soon"})


def test_the_problem_of_an_unknown_status_has_the_full_value() -> None:
    """Callers may need to forward or count the value, but the message stays short."""
    with pytest.raises(DecodeError) as refused:
        JobStatus.from_payload(WIRE | {"status": "x" * 1000})
    (problem,) = refused.value.problems
    assert problem.value == "x" * 1000
    assert len(problem.message) < 200


@pytest.mark.parametrize(
    "payload", [None, [], "{}", 5, True, b"{}", [("id", "a")], Mock(spec=dict)], ids=type_name
)
def test_a_payload_that_is_not_an_object_is_rejected(payload: object) -> None:
    """There is one problem, at the root."""
    assert problems(payload) == [("", "wrong_type")]


def test_a_payload_may_be_any_mapping() -> None:
    """It is copied into a dict before it is read."""
    assert JobStatus.from_payload(MappingProxyType({**WIRE})) == JOB


def test_a_policy_may_read_null_as_absent() -> None:
    """This applies to optional keys only, because required keys must have values."""
    nulls: dict[str, object] = {"progress": None, "estimatedCompletion": None, "error": None}
    codec = Codec(null="absent")
    assert codec.from_payload(nulls | {"id": "a", "status": "queued"}) == JobStatus.queued("a")
    assert problems(nulls | {"id": None}, null="absent") == [
        ("/id", "wrong_type"),
        ("/status", "missing"),
    ]


def test_unknown_keys_are_ignored_and_not_written_back() -> None:
    """The interface may gain keys, so unknown ones are not an error by default."""
    job = JobStatus.from_payload(WIRE | {"attempt": 2, "estimated_completion": "x"})
    assert job == JOB
    assert job.to_payload() == WIRE


def test_an_unknown_key_that_is_too_long_is_reported_at_the_root() -> None:
    """A pointer must be short and complete, so a long key cannot be part of one."""
    payload = WIRE | {"k" * 80: 1, "l" * 81: 2, "\0" * 20: 3, "\0" * 21: 4}
    assert problems(payload, unknown_keys="reject") == [
        (f"/{'k' * 80}", "unknown_key"),
        ("", "unknown_key"),
        ("/" + "\0" * 20, "unknown_key"),
        ("", "unknown_key"),
    ]


def test_a_key_that_is_not_a_string_is_an_unknown_key() -> None:
    """A dict that did not come from a JSON parser must not cause any other exception."""
    payload: dict[Any, Any] = {**WIRE, 5: 1}
    assert problems(payload, unknown_keys="reject") == [("", "unknown_key")]
    assert Codec().from_payload(payload) == JOB


def test_a_policy_may_allow_iso_8601_dates() -> None:
    """The default policy allows only the ECMAScript format."""
    payload = WIRE | {"estimatedCompletion": "20261123T154000,123456+0100"}
    assert problems(payload) == [("/estimatedCompletion", "invalid_date")]
    assert Codec(dates="iso8601").from_payload(payload) == JOB


def test_reading_does_not_change_the_payload() -> None:
    """It belongs to the caller."""
    payload: dict[str, object] = {"id": "a", "status": "queued", "error": None, "x": 1}
    before = dict(payload)
    Codec(null="absent").from_payload(payload)
    assert payload == before


def test_writing_anything_but_a_job_raises_type_error() -> None:
    """An object that only looks like a job is a bug in the calling code."""
    write: Any = Codec().to_payload
    for impostor in (None, WIRE, Value(), JobStatus):
        with pytest.raises(TypeError, match=r"^expected a JobStatus, got "):
            write(impostor)


def test_an_error_does_not_keep_the_payload_alive() -> None:
    """The traceback has no frames that refer to it, so it is freed at once."""
    value = Value()
    seen = weakref.ref(value)
    gc.disable()
    try:
        with pytest.raises(DecodeError):
            JobStatus.from_payload({"id": value, "status": "queued"})
        del value
        assert seen() is None
    finally:
        gc.enable()
