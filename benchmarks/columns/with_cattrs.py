"""cattrs, with a class of attrs."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import attrs
from attrs.validators import and_, ge, le, optional
from cattrs import Converter, transform_error
from cattrs.preconf.json import make_converter

from benchmarks.columns._way import CODE, YES, Library, Way, whole
from benchmarks.peers._peer import write_date
from benchmarks.peers.with_cattrs import CATTRS_JSON
from jobstatus import JobState

_LEGAL: Final = {("queued", "processing"), ("processing", "completed")}
_RANGE: Final = optional(and_(ge(0), le(100)))


@attrs.define
class Attrs:
    """The payload."""

    id: str
    status: JobState
    progress: float | None = attrs.field(default=None, validator=_RANGE)
    estimated_completion: datetime | None = attrs.field(default=None, alias="estimatedCompletion")
    error: str | None = None


@attrs.frozen
class FrozenAttrs:
    """The payload, frozen."""

    id: str
    status: JobState
    progress: float | None = attrs.field(default=None, validator=_RANGE)


def _refuse(job: Any, _: object, new: str) -> str:
    if (job.status, new) not in _LEGAL:
        raise ValueError(f"cannot go from {job.status} to {new}")
    return new


@attrs.define
class GuardedAttrs:
    """The payload, whose status is watched."""

    id: str
    status: str = attrs.field(on_setattr=_refuse)


@attrs.define
class PointAttrs:
    """Anything else."""

    x: int


def _exact() -> Converter:
    converter = make_converter(use_alias=True, omit_if_default=True)
    converter.register_unstructure_hook(float, whole)
    converter.register_unstructure_hook(datetime, write_date)
    return converter


_PLAIN: Final = make_converter(use_alias=True)
_SHORT: Final = make_converter(use_alias=True, omit_if_default=True)
_EXACT: Final = _exact()


def _reader(converter: Converter) -> Callable[[bytes], Attrs]:
    return lambda data: converter.structure(json.loads(data), Attrs)


def _writer(converter: Converter) -> Callable[[Any], str]:
    return lambda job: json.dumps(converter.unstructure(job))


def _walk_attrs(states: list[str]) -> object:
    job = Attrs("a", JobState.QUEUED)
    for state in states:
        job = attrs.evolve(job, status=JobState(state))
    return job


def _walk_guarded(states: list[str]) -> None:
    job = GuardedAttrs("a", "queued")
    for state in states:
        job.status = state


CATTRS: Final = Library(
    "cattrs",
    (
        Way(
            YES,
            read=_reader(_PLAIN),
            write=_writer(_PLAIN),
            places=lambda error: {text.rpartition("$.")[2] for text in transform_error(error)},
            make=Attrs,
            walk=_walk_attrs,
            typed="""
import attrs
from jobstatus import JobState

@attrs.define
class Attrs:
    id: str
    status: JobState

done = Attrs("a", JobState.COMPLETED)
attrs.evolve(done, status=JobState.PROCESSING)  # illegal
""",
            own=lambda: make_converter().loads('{"x":1}', PointAttrs),
        ),
        Way("`omit_if_default`", read=_reader(_SHORT), write=_writer(_SHORT)),
        Way("`@frozen`", make=FrozenAttrs),
        Way(CODE, walk=_walk_guarded),
        Way(CODE, read=_reader(_EXACT), write=_writer(_EXACT)),
        Way(CODE, read=CATTRS_JSON.decode, write=CATTRS_JSON.encode),
    ),
    (("cattrs json", ""), ("cattrs orjson", " with orjson")),
)
