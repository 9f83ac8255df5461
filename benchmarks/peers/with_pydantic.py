"""pydantic: a frozen model in strict mode.

A TypeAdapter's validator and serializer are documented, and save the methods around them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    TypeAdapter,
    ValidationError,
)
from pydantic.alias_generators import to_camel

from benchmarks.peers._peer import ABSENT, Peer, each_line, read_date, read_text, to_lines
from benchmarks.peers._peer import write_date as usual
from jobstatus import JobState
from jobstatus.dates import format_utc as ours


def _read(value: object) -> datetime:
    return read_date(read_text(value))


# Quicker than AwareDatetime with a validator after it, which also reads "1700000000" as an epoch.
UsualDate = Annotated[
    datetime,
    PlainValidator(_read),
    PlainSerializer(usual, return_type=str, when_used="unless-none"),
]
OurDate = Annotated[
    datetime,
    PlainValidator(_read),
    PlainSerializer(ours, return_type=str, when_used="unless-none"),
]


class Status(BaseModel):
    """The payload; without None in their types, optional keys refuse null."""

    model_config = ConfigDict(
        strict=True,
        frozen=True,
        allow_inf_nan=False,
        alias_generator=to_camel,
        serialize_by_alias=True,
    )

    id: str
    status: JobState
    progress: Annotated[float, Field(ge=0, le=100)] = ABSENT
    estimated_completion: UsualDate = ABSENT
    error: str = ABSENT


class StatusOfOurDates(Status):
    """The payload, with dates as this library writes them."""

    estimated_completion: OurDate = ABSENT


def _problems(error: ValidationError) -> int:
    return error.error_count()


def _peer(
    name: str,
    needs: str,
    decode: Callable[[bytes], Any],
    encode: Callable[[Any], bytes],
    many: TypeAdapter[Any],
) -> Peer:
    write_many = many.serializer.to_json

    def encode_array(jobs: list[Any]) -> bytes:
        return write_many(jobs, exclude_none=True)

    return Peer(
        name=name,
        packages=("pydantic", "pydantic_core"),
        needs=needs,
        decode=decode,
        encode=encode,
        decode_array=many.validator.validate_json,
        encode_array=encode_array,
        decode_lines=each_line(decode),
        encode_lines=to_lines(encode),
        problems=_problems,
    )


def _by_methods(name: str, needs: str, model: type[Status], many: TypeAdapter[Any]) -> Peer:
    """Return the peer that its documentation shows: the methods of the model."""

    def encode(job: Status) -> bytes:
        return job.model_dump_json(exclude_none=True).encode()

    return _peer(name, needs, model.model_validate_json, encode, many)


def _by_adapter(name: str, needs: str, one: TypeAdapter[Any], many: TypeAdapter[Any]) -> Peer:
    """Return the quickest there is: the adapter's validator and serialiser, called directly."""
    write_one = one.serializer.to_json

    def encode(job: Any) -> bytes:
        return write_one(job, exclude_none=True)

    return _peer(name, needs, one.validator.validate_json, encode, many)


_MANY: Final = TypeAdapter(list[Status])
_MANY_OF_OUR_DATES: Final = TypeAdapter(list[StatusOfOurDates])
PYDANTIC: Final = _by_methods(
    "pydantic", "strict mode; a reader and a writer of dates", Status, _MANY
)
PYDANTIC_OUR_DATES: Final = _by_methods(
    "pydantic, our dates",
    "the same, with this library's writer of dates",
    StatusOfOurDates,
    _MANY_OF_OUR_DATES,
)
PYDANTIC_ADAPTER: Final = _by_adapter(
    "pydantic, adapter",
    "the same as the row above, by the adapter's own validator and serialiser",
    TypeAdapter(StatusOfOurDates),
    _MANY_OF_OUR_DATES,
)
