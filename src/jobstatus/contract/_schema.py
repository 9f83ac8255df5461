"""The contract as JSON Schema and as an OpenAPI component."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from types import MappingProxyType
from typing import Final

from jobstatus._fields import FIELDS
from jobstatus._states import JobState
from jobstatus.validators import MAX_PROGRESS, MIN_PROGRESS

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

# Matches the dates that `parse_date` reads. Also matches dates that an offset or 24:00 moves out of
# the years 1 to 9999. It uses no lookaround, because many engines for `pattern` don't support it.
_YEAR = "(?:000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})"
_FOURTH = "(?:0[48]|[2468][048]|[13579][26])"  # the multiples of 4 from 04 to 96
_LEAP_YEAR = f"(?:[0-9]{{2}}{_FOURTH}|{_FOURTH}00)"
_MONTH = "(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|1[0-9]|2[0-8]))?"
_MONTH_END = "(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31"
_DAY = f"(?:{_YEAR}(?:-(?:{_MONTH}|{_MONTH_END}))?|{_LEAP_YEAR}-02-29)"
_CLOCK = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_SECONDS = r"(?::[0-5][0-9](?:\.[0-9]{1,9})?)?"
_TIME = rf"T(?:{_CLOCK}{_SECONDS}|24:00(?::00(?:\.0{{1,9}})?)?)(?:Z|[+-]{_CLOCK})"
_DATE: Final = rf"^(?:\+00)?{_DAY}(?:{_TIME})?$"

_PROPERTIES: Final[Mapping[str, dict[str, object]]] = MappingProxyType(
    {
        "id": {"type": "string"},
        "status": {"type": "string", "enum": [state.value for state in JobState]},
        "progress": {
            "type": "number",
            # Integers, because json.dumps would write 0.0 and 100.0.
            "minimum": int(MIN_PROGRESS),
            "maximum": int(MAX_PROGRESS),
        },
        "estimatedCompletion": {
            "type": "string",
            "pattern": _DATE,
            "description": "A date, or a date and time with an offset, in the Date Time String "
            "Format of ECMA-262. JSON.stringify writes a Date in this format.",
            "examples": ["2026-11-23T14:40:00.123Z"],
        },
        "error": {"type": "string"},
    }
)
"""The schema of each field, by key."""


def json_schema() -> dict[str, object]:
    """Return the JSON Schema (2020-12) of a payload, as `jobstatus.Codec` reads it by default.

    Each call returns a new dict, which you may change.

    The schema accepts two kinds of dates that the codec rejects. One is a date that its offset or
    ``24:00`` moves out of the years 1 to 9999. The other is a date before a final newline, in
    validators whose ``$`` matches before a newline, as Python's does.

    The schema applies to parsed values, with doubles as numbers. The parser must reject invalid
    JSON and deep nesting. The schema has no ``format``, because ``date-time`` (RFC 3339) is too
    strict: it requires a time with seconds.

    Example:
        >>> schema = json_schema()
        >>> schema["required"]
        ['id', 'status']
        >>> schema["properties"]["progress"]
        {'type': 'number', 'minimum': 0, 'maximum': 100}
    """
    return {"$schema": _DIALECT, **openapi_component()}


def openapi_component() -> dict[str, object]:
    """Return the Schema Object (OpenAPI 3.1) for ``#/components/schemas/JobStatus``.

    It is the JSON Schema without ``$schema``, because OpenAPI 3.1 uses 2020-12 by default. FastAPI
    shows this component for fields of the type JobStatus.

    Example:
        >>> document = {"components": {"schemas": {"JobStatus": openapi_component()}}}
        >>> document["components"]["schemas"]["JobStatus"]["title"]
        'JobStatus'
    """
    return {
        "title": "JobStatus",
        "description": "The status of a background job.",
        "type": "object",
        "properties": {field.key: deepcopy(_PROPERTIES[field.key]) for field in FIELDS},
        "required": [field.key for field in FIELDS if not field.optional],
    }
