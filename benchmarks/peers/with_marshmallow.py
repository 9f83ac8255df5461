"""marshmallow: a schema on orjson, which makes the arguments of a frozen dataclass."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from marshmallow import EXCLUDE, Schema, ValidationError, fields, missing

from benchmarks.peers._peer import (
    ABSENT,
    Peer,
    each_line,
    read_date,
    read_progress,
    read_text,
    to_lines,
    write_date,
)
from jobstatus import JobState


@dataclass(frozen=True, slots=True)
class Status:
    """The payload."""

    id: str
    status: JobState
    progress: float = ABSENT
    estimated_completion: datetime = ABSENT
    error: str = ABSENT


class Moment(fields.Field[datetime]):
    """A date."""

    def _serialize(self, value: Any, *_: Any, **__: Any) -> str:
        return write_date(value)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> datetime:
        try:
            return read_date(read_text(value))
        except ValueError as error:
            raise ValidationError(str(error)) from error


class Progress(fields.Field[float]):
    """A number in its range; Float reads text and bools too."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> float:
        try:
            return read_progress(value)
        except ValueError as error:
            raise ValidationError(str(error)) from error


class StatusSchema(Schema):
    """How the payload is read and written."""

    class Meta:
        """Its options."""

        unknown = EXCLUDE
        render_module = orjson

    id = fields.String(required=True)
    status = fields.Enum(JobState, by_value=True, required=True)
    progress = Progress()
    estimated_completion = Moment(data_key="estimatedCompletion")
    error = fields.String()

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """Return an attribute's value, so that what is absent is left out."""
        value = getattr(obj, attr, default)
        return missing if value is None else value


_one: Final[Any] = StatusSchema()  # of which half has types
_many: Final[Any] = StatusSchema(many=True)


def _decode(data: bytes) -> Status:
    return Status(**_one.loads(data))


def _decode_array(data: bytes) -> list[Status]:
    return [Status(**values) for values in _many.loads(data)]


def _problems(error: Any) -> int:
    return len(error.messages)


MARSHMALLOW: Final = Peer(
    name="marshmallow",
    packages=("marshmallow", "orjson"),
    needs="fields for progress and dates; a class to hold the values; absent keys left out",
    decode=_decode,
    encode=_one.dumps,
    decode_array=_decode_array,
    encode_array=_many.dumps,
    decode_lines=each_line(_decode),
    encode_lines=to_lines(_one.dumps),
    problems=_problems,
)
