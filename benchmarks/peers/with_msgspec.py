"""msgspec: a frozen struct.

Its own dates are the quickest to read (0.3 microseconds less than a hook), and are then brought to
UTC and milliseconds. It writes them as `.123000Z` and asks no hook, so a second struct, which holds
the text, is written (a subclass of datetime with a hook is as quick to write, and slower to read).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.json import Decoder, Encoder
from msgspec.structs import replace

from benchmarks.peers._peer import Peer, normalize, write_date
from jobstatus import JobState
from jobstatus.dates import format_utc

Progress = Annotated[float, Meta(ge=0, le=100)]


class Status(Struct, frozen=True, rename="camel", omit_defaults=True):
    """The payload."""

    id: str
    status: JobState
    progress: Progress | UnsetType = UNSET
    estimated_completion: Annotated[datetime, Meta(tz=True)] | UnsetType = UNSET
    error: str | UnsetType = UNSET


class Written(Struct, frozen=True, rename="camel", omit_defaults=True):
    """The payload with its date as text."""

    id: str
    status: JobState
    progress: float | UnsetType = UNSET
    estimated_completion: str | UnsetType = UNSET
    error: str | UnsetType = UNSET


def _normal(job: Status) -> Status:
    moment = job.estimated_completion
    return job if moment is UNSET else replace(job, estimated_completion=normalize(moment))


def _all_normal(jobs: list[Status]) -> list[Status]:
    for place, job in enumerate(jobs):
        moment = job.estimated_completion
        if moment is not UNSET and (moment.tzinfo is not UTC or moment.microsecond % 1000):
            jobs[place] = _normal(job)
    return jobs


def _decoders() -> dict[str, Callable[[bytes], Any]]:
    one, many = Decoder(Status), Decoder(list[Status])
    read, read_many, read_lines = one.decode, many.decode, one.decode_lines

    def decode(data: bytes) -> Status:
        job = read(data)
        moment = job.estimated_completion
        if moment is not UNSET and (moment.tzinfo is not UTC or moment.microsecond % 1000):
            return _normal(job)
        return job

    def decode_array(data: bytes) -> list[Status]:
        return _all_normal(read_many(data))

    def decode_lines(data: bytes) -> list[Status]:
        return _all_normal(read_lines(data))

    return {"decode": decode, "decode_array": decode_array, "decode_lines": decode_lines}


def _encoders(write: Callable[[datetime], str]) -> dict[str, Callable[[Any], bytes]]:
    encoder = Encoder()
    write_one, write_lines = encoder.encode, encoder.encode_lines

    def written(job: Status) -> Status | Written:
        moment = job.estimated_completion
        if moment is UNSET:
            return job
        return Written(job.id, job.status, job.progress, write(moment), job.error)

    def encode(job: Status) -> bytes:
        return write_one(written(job))

    def encode_array(jobs: list[Status]) -> bytes:
        return write_one([written(job) for job in jobs])

    def encode_lines(jobs: list[Status]) -> bytes:
        return write_lines([written(job) for job in jobs])

    return {"encode": encode, "encode_array": encode_array, "encode_lines": encode_lines}


def _peer(name: str, write: Callable[[datetime], str], needs: str) -> Peer:
    ways: dict[str, Any] = {**_decoders(), **_encoders(write)}
    return Peer(name=name, packages=("msgspec",), needs=needs, absent=UNSET, **ways)


MSGSPEC: Final = _peer(
    "msgspec", write_date, "dates to UTC and milliseconds; a second struct to write dates from"
)
MSGSPEC_OUR_DATES: Final = _peer(
    "msgspec, our dates", format_utc, "the same, with this library's writer of dates"
)
