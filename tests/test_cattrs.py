"""Cattrs converters read and write jobs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import attrs
import cattrs
import pytest
from cattrs.preconf.json import make_converter as make_json_converter

from jobstatus import (
    Codec,
    DecodeError,
    JobStatus,
    Payload,
    Queued,
    make_converter,
    register_hooks,
)

ETA = datetime(2026, 11, 23, 14, 40, 0, 123_000, tzinfo=UTC)
WIRE: Payload = {
    "id": "job-42",
    "status": "processing",
    "progress": 40,
    "estimatedCompletion": "2026-11-23T14:40:00.123Z",
    "error": "odd",
}
JOB = JobStatus("job-42", "processing", progress=40, estimated_completion=ETA, error="odd")


@attrs.define
class Tenant:
    """A user's class with jobs in its fields."""

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
def test_a_converter_with_the_hooks_reads_and_writes_payloads(make: type[cattrs.Converter]) -> None:
    """Jobs may be nested, optional, in a list or in a dict, with or without a type parameter."""
    converter = make()
    register_hooks(converter)
    assert converter.unstructure(TENANT) == TENANT_WIRE
    assert converter.structure(TENANT_WIRE, Tenant) == TENANT
    with_last = TENANT_WIRE | {"last": WIRE}
    assert converter.structure(with_last, Tenant) == attrs.evolve(TENANT, last=JOB)
    assert converter.unstructure(attrs.evolve(TENANT, last=JOB)) == with_last


def test_a_converter_with_the_hooks_keeps_the_problems() -> None:
    """The DecodeError is in the exception group of cattrs, with its pointers."""
    converter = cattrs.Converter()
    register_hooks(converter)
    bad = TENANT_WIRE | {"waiting": [{"id": "a", "status": "queued", "progress": True}]}
    with pytest.raises(cattrs.ClassValidationError) as refused:
        converter.structure(bad, Tenant)
    found: Any = refused.value.subgroup(DecodeError)
    while not isinstance(found, DecodeError):
        (found,) = found.exceptions
    assert [(p.pointer, p.code) for p in found.problems] == [("/progress", "wrong_type")]


def test_the_hooks_take_a_codec() -> None:
    """Each converter can have its own policy."""
    converter = cattrs.Converter()
    register_hooks(converter, codec=Codec(null="absent", unknown_keys="reject", dates="iso8601"))
    lenient = {"id": "a", "status": "queued", "error": None, "estimatedCompletion": "20261123T00Z"}
    assert converter.structure(lenient, JobStatus).id == "a"
    with pytest.raises(DecodeError):
        converter.structure({**lenient, "x": 1}, JobStatus)


@pytest.mark.parametrize(
    ("key", "value"), [("error", None), ("estimatedCompletion", "20261123T00Z")]
)
def test_the_hooks_are_strict_by_default(key: str, value: object) -> None:
    """The defaults are those of a Codec."""
    converter = cattrs.Converter()
    register_hooks(converter)
    with pytest.raises(DecodeError, match=f"^{key}: "):
        converter.structure({"id": "a", "status": "queued", key: value}, JobStatus)


def test_the_hooks_take_a_codec_only() -> None:
    """A dict of options would be ignored until the first payload."""
    register: Any = register_hooks
    with pytest.raises(TypeError, match=r"^codec: expected a Codec, got \{\}$"):
        register(cattrs.Converter(), codec={})


def test_make_converter_registers_the_hooks() -> None:
    """The new converter reads and writes classes that contain jobs."""
    converter = make_converter()
    assert converter.unstructure(TENANT) == TENANT_WIRE
    assert converter.structure(TENANT_WIRE, Tenant) == TENANT


def test_make_converter_takes_a_codec() -> None:
    """It rejects anything else."""
    converter = make_converter(codec=Codec(null="absent", unknown_keys="reject", dates="iso8601"))
    lenient = {"id": "a", "status": "queued", "error": None, "estimatedCompletion": "20261123T00Z"}
    assert converter.structure(lenient, JobStatus).id == "a"
    with pytest.raises(DecodeError):
        converter.structure({**lenient, "x": 1}, JobStatus)
    make: Any = make_converter
    with pytest.raises(TypeError, match=r"^codec: expected a Codec, got 'absent'$"):
        make(codec="absent")


def test_unstructuring_anything_else_as_a_job_raises_type_error() -> None:
    """A value of another type is a bug in the calling code."""
    with pytest.raises(TypeError, match=r"^expected a JobStatus, got "):
        make_converter().unstructure(5, unstructure_as=JobStatus)
