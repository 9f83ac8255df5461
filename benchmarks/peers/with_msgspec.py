"""msgspec: a frozen struct.

msgspec's own dates are the fastest to read (0.3 µs less than a hook) and are then brought to UTC
and milliseconds. It writes them as `.123000Z` and calls no hook, so a second struct, which holds
the text, is written.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.json import Decoder, Encoder
from msgspec.structs import replace

from benchmarks.peers._peer import Peer, normalize, write_date
from jobstatus import JobState


class Status(Struct, frozen=True, rename="camel", omit_defaults=True):
    """The payload."""

    id: str
    status: JobState
    progress: Annotated[float, Meta(ge=0, le=100)] | UnsetType = UNSET
    estimated_completion: Annotated[datetime, Meta(tz=True)] | UnsetType = UNSET
    error: str | UnsetType = UNSET


class Written(Struct, frozen=True, rename="camel", omit_defaults=True):
    """The payload with its date as text."""

    id: str
    status: JobState
    progress: float | UnsetType = UNSET
    estimated_completion: str | UnsetType = UNSET
    error: str | UnsetType = UNSET


_one: Final = Decoder(Status)
_read: Final = _one.decode
_read_lines: Final = _one.decode_lines
_read_array: Final = Decoder(list[Status]).decode
_write: Final = Encoder().encode


def _decode(data: bytes) -> Status:
    job = _read(data)
    moment = job.estimated_completion
    if moment is not UNSET and (moment.tzinfo is not UTC or moment.microsecond % 1000):
        return replace(job, estimated_completion=normalize(moment))
    return job


def _all_normal(jobs: list[Status]) -> list[Status]:
    for place, job in enumerate(jobs):
        moment = job.estimated_completion
        if moment is not UNSET and (moment.tzinfo is not UTC or moment.microsecond % 1000):
            jobs[place] = replace(job, estimated_completion=normalize(moment))
    return jobs


def _written(job: Status) -> Status | Written:
    moment = job.estimated_completion
    if moment is UNSET:
        return job
    return Written(job.id, job.status, job.progress, write_date(moment), job.error)


MSGSPEC: Final = Peer(
    name="msgspec",
    needs="dates brought to UTC and milliseconds, and a second struct to write dates from",
    decode=_decode,
    encode=lambda job: _write(_written(job)),
    decode_array=lambda data: _all_normal(_read_array(data)),
    encode_array=lambda jobs: _write([_written(job) for job in jobs]),
    decode_lines=lambda data: _all_normal(_read_lines(data)),
    absent=UNSET,
)
