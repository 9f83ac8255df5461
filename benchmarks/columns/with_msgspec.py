"""msgspec: a struct."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Final

import msgspec

from benchmarks.columns._way import CODE, YES, Library, Way, whole
from benchmarks.peers._peer import write_date
from benchmarks.peers.with_msgspec import Status
from jobstatus import JobState

_InRange = Annotated[float, msgspec.Meta(ge=0, le=100)]


class Payload(msgspec.Struct, rename="camel"):
    """The payload."""

    id: str
    status: JobState
    progress: _InRange | None = None
    estimated_completion: datetime | None = None
    error: str | None = None


class ShortPayload(Payload, omit_defaults=True):
    """The payload without what is absent."""


class CheckedPayload(Status, frozen=True):
    """The payload, frozen and checked when it is made."""

    def __post_init__(self) -> None:
        """Check what decoding checks."""
        msgspec.convert(msgspec.to_builtins(self), Status)


class UnsetPayload(msgspec.Struct, rename="camel"):
    """The payload, of which null is refused."""

    id: str
    status: JobState
    progress: _InRange | msgspec.UnsetType = msgspec.UNSET
    estimated_completion: datetime | msgspec.UnsetType = msgspec.UNSET
    error: str | msgspec.UnsetType = msgspec.UNSET


class WrittenPayload(msgspec.Struct, rename="camel", omit_defaults=True):
    """The payload as it is written."""

    id: str
    status: JobState
    progress: float | int | None
    estimated_completion: str | None
    error: str | None


class PointStruct(msgspec.Struct):
    """Anything else."""

    x: int


def _write_exactly(job: Payload) -> bytes:
    moment = job.estimated_completion
    date = None if moment is None else write_date(moment)
    progress = whole(job.progress)
    return msgspec.json.encode(WrittenPayload(job.id, job.status, progress, date, job.error))


def _walk_struct(states: list[str]) -> object:
    job = Payload("a", JobState.QUEUED)
    for state in states:
        job = msgspec.structs.replace(job, status=JobState(state))
    return job


MSGSPEC: Final = Library(
    "msgspec",
    (
        Way(
            YES,
            read=msgspec.json.Decoder(Payload).decode,
            write=msgspec.json.encode,
            # It has no list of problems; its message ends in the place of the first.
            places=lambda error: {str(error).rpartition("$.")[2].strip("`")},
            make=Payload,
            walk=_walk_struct,
            typed="""
from msgspec import Struct
from msgspec.structs import replace
from jobstatus import JobState

class Payload(Struct):
    id: str
    status: JobState

done = Payload("a", JobState.COMPLETED)
replace(done, status=JobState.PROCESSING)  # illegal
""",
            schema=lambda: msgspec.json.schema(Payload),
            own=lambda: msgspec.json.decode(b'{"x":1}', type=PointStruct),
        ),
        Way(
            "`omit_defaults`",
            read=msgspec.json.Decoder(ShortPayload).decode,
            write=msgspec.json.encode,
        ),
        Way("`UNSET`", read=msgspec.json.Decoder(UnsetPayload).decode, write=msgspec.json.encode),
        Way(CODE, make=CheckedPayload),
        Way(CODE, read=msgspec.json.Decoder(Payload).decode, write=_write_exactly),
        Way(
            CODE,
            read=lambda data: msgspec.convert(json.loads(data), Payload),
            write=lambda job: json.dumps(msgspec.to_builtins(job)),
        ),
    ),
    (("msgspec", ""),),
)
