"""mashumaro: a frozen dataclass with the mixin for orjson."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from mashumaro import field_options
from mashumaro.codecs.orjson import ORJSONDecoder, ORJSONEncoder
from mashumaro.config import BaseConfig
from mashumaro.mixins.orjson import DataClassORJSONMixin

from benchmarks.peers._peer import (
    ABSENT,
    STATES,
    Peer,
    each_line,
    read_date,
    read_progress,
    read_text,
    to_lines,
    write_date,
)
from jobstatus import JobState


def _absent() -> Any:
    """Return None; a plain default of None would have null read as None."""
    return ABSENT


@dataclass(frozen=True, slots=True)
class Status(DataClassORJSONMixin):
    """The payload."""

    id: str = field(metadata=field_options(deserialize=read_text))
    status: JobState = field(metadata=field_options(deserialize=STATES.__getitem__))
    progress: float = field(
        default_factory=_absent, metadata=field_options(deserialize=read_progress)
    )
    estimated_completion: datetime = field(
        default_factory=_absent,
        metadata=field_options(
            alias="estimatedCompletion", deserialize=read_date, serialize=write_date
        ),
    )
    error: str = field(default_factory=_absent, metadata=field_options(deserialize=read_text))

    class Config(BaseConfig):
        """How it is read and written."""

        serialize_by_alias = True
        omit_default = True


def _encode(job: Status) -> bytes:
    return job.to_jsonb()


MASHUMARO: Final = Peer(
    name="mashumaro",
    packages=("mashumaro", "orjson"),
    needs="readers of each type, for it converts; a writer of dates; defaults that hide None",
    decode=Status.from_json,
    encode=_encode,
    decode_array=ORJSONDecoder(list[Status]).decode,
    encode_array=ORJSONEncoder(list[Status]).encode,
    decode_lines=each_line(Status.from_json),
    encode_lines=to_lines(_encode),
)
