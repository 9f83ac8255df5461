"""Payloads are read strictly through cattrs, on our converters and on users' own."""

from __future__ import annotations

import gc
import json
import weakref
from datetime import UTC, datetime
from typing import Any, get_args
from unittest.mock import Mock

import attrs
import cattrs
import pytest
from cattrs.preconf.json import make_converter as make_json_converter

from jobstatus import Codec, DecodeError, JobStatus, Payload, Queued, StateName, register_hooks
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


def repr_of_type(value: object) -> str:
    """Name a parameter by its type."""
    return type(value).__name__


def problems(payload: object, **options: Any) -> list[tuple[str, str]]:
    """Return the pointers and codes of what is wrong with a payload."""
    read: Any = Codec(**options).from_payload
    with pytest.raises(DecodeError) as refused:
        read(payload)
    return [(problem.pointer, problem.code) for problem in refused.value.problems]


def test_a_payload_is_a_job_in_the_wires_names() -> None:
    """Reading and writing are each other's inverse, and keep the interface's order."""
    assert JobStatus.from_payload(WIRE) == JOB
    assert JOB.to_payload() == WIRE
    assert list(JOB.to_payload()) == [field.key for field in FIELDS]


def test_absent_optionals_are_left_out() -> None:
    """They are never null."""
    assert JobStatus.queued("a").to_payload() == {"id": "a", "status": "queued"}


def test_any_json_encoder_may_write_a_payload() -> None:
    """Its values are exactly str, int and float, and whole numbers are ints."""
    assert {type(value) for value in JOB.to_payload().values()} == {str, int}
    assert json.dumps(JOB.to_payload()).count(": 40,") == 1
    half = JobStatus("a", "processing", progress=0.5).to_payload()
    assert json.dumps(half) == '{"id": "a", "status": "processing", "progress": 0.5}'


def test_the_typed_dict_has_the_interfaces_keys() -> None:
    """Payload declares what the table of fields holds."""
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
def test_nothing_is_coerced(change: dict[str, object], problem: tuple[str, str]) -> None:
    """Each value that the interface does not have is a problem with a pointer and a code."""
    assert problems(WIRE | change) == [problem]


@pytest.mark.parametrize("key", ["id", "status"])
def test_a_required_key_that_is_missing_is_reported(key: str) -> None:
    """It has a code of its own."""
    payload = {name: value for name, value in WIRE.items() if name != key}
    assert problems(payload) == [(f"/{key}", "missing")]


def test_a_missing_status_is_told_what_it_may_be() -> None:
    """The five states are in the message."""
    with pytest.raises(DecodeError, match="expected queued, processing, completed, failed, canc"):
        JobStatus.from_payload({"id": "a"})


def test_everything_that_is_wrong_is_said_at_once() -> None:
    """In the interface's order, then the unknown keys in the payload's."""
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


def test_messages_name_the_wires_keys() -> None:
    """Whoever reads them has the payload before their eyes."""
    with pytest.raises(DecodeError, match=r"estimatedCompletion: expected a date like .*'soon'$"):
        JobStatus.from_payload(WIRE | {"estimatedCompletion": "soon"})


def test_an_unknown_status_carries_its_raw_value() -> None:
    """In full, for whoever must forward or count it."""
    with pytest.raises(DecodeError) as refused:
        JobStatus.from_payload(WIRE | {"status": "x" * 1000})
    (problem,) = refused.value.problems
    assert problem.value == "x" * 1000
    assert len(problem.message) < 200


@pytest.mark.parametrize(
    "payload", [None, [], "{}", 5, True, b"{}", [("id", "a")], Mock(spec=dict)], ids=repr_of_type
)
def test_a_payload_is_an_object(payload: object) -> None:
    """Anything else is one problem at the root."""
    assert problems(payload) == [("", "wrong_type")]


def test_null_may_mean_absent() -> None:
    """For an optional key, if the policy says so; the interface's required keys have values."""
    nulls: dict[str, object] = {"progress": None, "estimatedCompletion": None, "error": None}
    codec = Codec(null="absent")
    assert codec.from_payload(nulls | {"id": "a", "status": "queued"}) == JobStatus.queued("a")
    assert problems(nulls | {"id": None}, null="absent") == [
        ("/id", "wrong_type"),
        ("/status", "missing"),
    ]


def test_unknown_keys_are_ignored_and_never_written_again() -> None:
    """The interface may grow."""
    job = JobStatus.from_payload(WIRE | {"attempt": 2, "estimated_completion": "x"})
    assert job == JOB
    assert job.to_payload() == WIRE


def test_a_key_too_long_to_be_quoted_is_reported_of_the_object() -> None:
    """A pointer is never cut, and never long."""
    payload = WIRE | {"k" * 80: 1, "l" * 81: 2, "\0" * 20: 3, "\0" * 21: 4}
    assert problems(payload, unknown_keys="reject") == [
        (f"/{'k' * 80}", "unknown_key"),
        ("", "unknown_key"),
        ("/" + "\0" * 20, "unknown_key"),
        ("", "unknown_key"),
    ]


def test_a_key_that_is_no_string_is_an_unknown_one() -> None:
    """A dict that no JSON parser made ends in a DecodeError too."""
    payload: dict[Any, Any] = {**WIRE, 5: 1}
    assert problems(payload, unknown_keys="reject") == [("", "unknown_key")]
    assert Codec().from_payload(payload) == JOB


def test_dates_may_be_iso_8601() -> None:
    """If the policy says so."""
    payload = WIRE | {"estimatedCompletion": "20261123T154000,123456+0100"}
    assert problems(payload) == [("/estimatedCompletion", "invalid_date")]
    assert Codec(dates="iso8601").from_payload(payload) == JOB


def test_the_payload_is_not_changed() -> None:
    """Reading is no writing."""
    payload: dict[str, object] = {"id": "a", "status": "queued", "error": None, "x": 1}
    before = dict(payload)
    Codec(null="absent").from_payload(payload)
    assert payload == before


@attrs.define
class Tenant:
    """A user's class around jobs."""

    name: str
    current: JobStatus[Any]
    waiting: list[JobStatus[Queued]]
    last: JobStatus[Any] | None = None
    by_id: dict[str, JobStatus] = attrs.field(factory=dict[str, JobStatus])


TENANT = Tenant("acme", JOB, [JobStatus.queued("a")], None, {"b": JobStatus.queued("b")})
TENANT_WIRE = {
    "name": "acme",
    "current": WIRE,
    "waiting": [{"id": "a", "status": "queued"}],
    "last": None,
    "by_id": {"b": {"id": "b", "status": "queued"}},
}


@pytest.mark.parametrize(
    "make", [cattrs.Converter, cattrs.BaseConverter, make_json_converter, cattrs.GenConverter]
)
def test_a_users_converter_reads_and_writes_the_wires_form(make: type[cattrs.Converter]) -> None:
    """Nested, in a list, in an optional, in a dict, with and without a parameter."""
    converter = make()
    register_hooks(converter)
    assert converter.unstructure(TENANT) == TENANT_WIRE
    assert converter.structure(TENANT_WIRE, Tenant) == TENANT
    with_last = TENANT_WIRE | {"last": WIRE}
    assert converter.structure(with_last, Tenant) == attrs.evolve(TENANT, last=JOB)
    assert converter.unstructure(attrs.evolve(TENANT, last=JOB)) == with_last


def test_a_users_converter_keeps_our_problems() -> None:
    """The DecodeError stands in the group that cattrs raises, with its pointers."""
    converter = cattrs.Converter()
    register_hooks(converter)
    bad = TENANT_WIRE | {"waiting": [{"id": "a", "status": "queued", "progress": True}]}
    with pytest.raises(cattrs.ClassValidationError) as refused:
        converter.structure(bad, Tenant)
    found: Any = refused.value.subgroup(DecodeError)
    while not isinstance(found, DecodeError):
        (found,) = found.exceptions
    assert [(p.pointer, p.code) for p in found.problems] == [("/progress", "wrong_type")]


def test_a_users_converter_may_have_another_policy() -> None:
    """The options are the Codec's."""
    converter = cattrs.Converter()
    register_hooks(converter, null="absent", unknown_keys="reject", dates="iso8601")
    lenient = {"id": "a", "status": "queued", "error": None, "estimatedCompletion": "20261123T00Z"}
    assert converter.structure(lenient, JobStatus).id == "a"
    with pytest.raises(DecodeError):
        converter.structure({**lenient, "x": 1}, JobStatus)


@pytest.mark.parametrize(
    ("key", "value"), [("error", None), ("estimatedCompletion", "20261123T00Z")]
)
def test_a_users_converter_is_strict_if_it_is_not_told(key: str, value: object) -> None:
    """As a Codec is."""
    converter = cattrs.Converter()
    register_hooks(converter)
    with pytest.raises(DecodeError, match=f"^/{key} "):
        converter.structure({"id": "a", "status": "queued", key: value}, JobStatus)


def test_hooks_with_an_unknown_option_are_refused() -> None:
    """As a Codec with one is."""
    register: Any = register_hooks
    with pytest.raises(ValueError, match="null: expected 'reject' or 'absent', got 'maybe'"):
        register(cattrs.Converter(), null="maybe")


def test_only_job_statuses_are_written() -> None:
    """A class that only looks like one is the caller's error."""
    write: Any = Codec().to_payload
    for impostor in (None, WIRE, TENANT, JobStatus):
        with pytest.raises(TypeError, match=r"^expected a JobStatus, got "):
            write(impostor)


class Value:
    """A value that is no value of a field."""


def test_an_error_holds_nothing_of_the_payload() -> None:
    """Nor do frames that it was raised in: what was refused is free at once."""
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
