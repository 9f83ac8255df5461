"""serpyco-rs: a frozen dataclass, read from bytes and written to bytes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from serpyco_rs import JSON, Json, SchemaValidationError, Serializer
from serpyco_rs.metadata import Max, Min, deserialize_with, serialize_with

from benchmarks.peers._peer import ABSENT, Peer, each_line, read_date, to_lines, write_date
from jobstatus import JobState


@dataclass(frozen=True, slots=True)
class Status:
    """The payload; without None in their types, optional keys refuse null."""

    id: str
    status: JobState
    progress: Annotated[float, Min(0), Max(100)] = ABSENT
    estimated_completion: Annotated[datetime, deserialize_with(read_date)] = ABSENT
    error: str = ABSENT


@dataclass(frozen=True, slots=True)
class Written:
    """What is written of the payload, for None is left out only where the type has it."""

    id: str
    status: JobState
    progress: float | None = None
    estimated_completion: Annotated[datetime, serialize_with(write_date)] | None = None
    error: str | None = None


def _serializer(form: Any) -> Serializer[Any, Json]:
    return Serializer(form, camelcase_fields=True, omit_none=True, codec=JSON)


def _problems(error: SchemaValidationError) -> int:
    return len(error.errors)


_read: Final = _serializer(Status).load
_write: Final = _serializer(Written).dump  # it reads attributes, of whatever class
_read_all: Final = _serializer(list[Status]).load
_write_all: Final = _serializer(list[Written]).dump

SERPYCO_RS: Final = Peer(
    name="serpyco-rs",
    packages=("serpyco-rs",),
    needs="dates; a second class to write, so that null is refused; a whole progress stays an int",
    decode=_read,
    encode=_write,
    decode_array=_read_all,
    encode_array=_write_all,
    decode_lines=each_line(_read),
    encode_lines=to_lines(_write),
    problems=_problems,
)
