"""pydantic: a frozen model in strict mode, with exact dates and with pydantic's own.

The validator and the serialiser of a TypeAdapter are documented, and save the methods around them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Final

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    TypeAdapter,
    ValidationError,
)
from pydantic.alias_generators import to_camel

from benchmarks.payloads import Created
from benchmarks.peers._peer import ABSENT, Peer, each_line, read_date, read_text, write_date
from jobstatus import JobState


def _read(value: object) -> datetime:
    return read_date(read_text(value))


# Faster than AwareDatetime with a validator after it, which also reads "1700000000" as an epoch.
ExactDate = Annotated[
    datetime,
    PlainValidator(_read),
    PlainSerializer(write_date, return_type=str, when_used="unless-none"),
]


class _Base(BaseModel):
    model_config = ConfigDict(
        strict=True,
        frozen=True,
        allow_inf_nan=False,
        alias_generator=to_camel,
        serialize_by_alias=True,
    )


class Status(_Base):
    """The payload. Optional keys reject null, because their types lack None."""

    id: str
    status: JobState
    progress: Annotated[float, Field(ge=0, le=100)] = ABSENT
    estimated_completion: ExactDate = ABSENT
    error: str = ABSENT


class AwareStatus(Status):
    """The payload with pydantic's own dates."""

    estimated_completion: AwareDatetime = ABSENT


# The constructor needs no hook, because it takes a datetime, which keeps its zone and microseconds.
# Typed Any, because type checkers don't know the aliases.
_construct: Final[Any] = AwareStatus


def _create(rows: list[Created]) -> None:
    for name, progress, moment in rows:
        _construct(
            id=name, status=JobState.PROCESSING, progress=progress, estimatedCompletion=moment
        )


def _step(rows: list[Created]) -> None:
    for name, progress, _ in rows:
        _construct(id=name, status=JobState.QUEUED)
        _construct(id=name, status=JobState.PROCESSING, progress=0.0)
        _construct(id=name, status=JobState.PROCESSING, progress=progress)
        _construct(id=name, status=JobState.COMPLETED, progress=100.0)


def _peer(
    name: str,
    needs: str,
    decode: Callable[[bytes], Any],
    encode: Callable[..., str | bytes],
    many: TypeAdapter[Any],
    **others: Any,
) -> Peer:
    return Peer(
        name=name,
        needs=needs,
        decode=decode,
        encode=partial(encode, exclude_none=True),
        decode_array=many.validator.validate_json,
        encode_array=partial(many.serializer.to_json, exclude_none=True),
        decode_lines=each_line(decode),
        read_problems=ValidationError.errors,
        **others,
    )


_one: Final = TypeAdapter(Status)
_many: Final = TypeAdapter(list[Status])
PYDANTIC: Final = _peer(
    "pydantic",
    "strict mode, and a Python hook that reads and writes exact dates",
    Status.model_validate_json,
    Status.model_dump_json,
    _many,
    create=_create,
    step=_step,
)
PYDANTIC_AWARE: Final = _peer(
    "pydantic, AwareDatetime",
    "strict mode; it keeps microseconds and offsets, and reads the text `1700000000` as a date",
    AwareStatus.model_validate_json,
    AwareStatus.model_dump_json,
    TypeAdapter(list[AwareStatus]),
    except_for=(
        "a date",
        "an offset",
        "date as a number in text",
        "microseconds",
        "whole seconds",
        "writing an array",
    ),
)
PYDANTIC_ADAPTER: Final = _peer(
    "pydantic, adapter",
    "the first model, through the validator and the serialiser of a TypeAdapter",
    _one.validator.validate_json,
    _one.serializer.to_json,
    _many,
)
