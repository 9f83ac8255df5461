"""The verdict of the JSON Schema on a payload, and the two cases that it cannot express."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any, Final, cast

from jsonschema import Draft202012Validator

from jobstatus.contract import json_schema

SCHEMA: Final = cast("dict[str, Any]", json_schema())
_VALIDATOR: Final[Any] = Draft202012Validator(SCHEMA)
_DATE = re.compile(
    r"(?:\+00)?(?P<year>....)(?:-(?P<month>..))?(?:-(?P<day>..))?"
    r"T(?P<hour>..):(?P<minute>..)[^+-]*(?:(?P<sign>[+-])(?P<hours>..):(?P<minutes>..))?"
)
_FIRST, _END = 24 * 60 * date.min.toordinal(), 24 * 60 * (date.max.toordinal() + 1)


def is_valid(payload: object) -> bool:
    """Return whether the payload is valid under the schema."""
    return bool(_VALIDATOR.is_valid(payload))


def is_unsayable(payload: object, problems: Iterable[tuple[str, str]]) -> bool:
    """Return whether the only problem is one that the schema cannot express.

    `json_schema` documents two: an instant outside the years 1 to 9999, and a newline after a date.
    """
    text = str(cast("dict[str, object]", payload).get("estimatedCompletion"))
    match [*problems]:
        case [("/estimatedCompletion", "out_of_range")]:
            return not _FIRST <= _minute(text) < _END
        case [("/estimatedCompletion", "invalid_date")]:
            return text.endswith("\n") and is_valid(date_only(text[:-1]))
        case _:
            return False


def _minute(text: str) -> int:
    """Return the minutes from 1 January of year 0 to a date and time that the schema accepts."""
    match = _DATE.fullmatch(text)
    assert match is not None, text
    year, month, day, hour, minute, hours, minutes = (
        int(match[name] or 1 if name in {"month", "day"} else match[name] or 0)
        for name in ("year", "month", "day", "hour", "minute", "hours", "minutes")
    )
    ahead = (60 * hours + minutes) * (-1 if match["sign"] == "-" else 1)
    return 60 * (24 * date(year, month, day).toordinal() + hour) + minute - ahead


def date_only(text: str) -> dict[str, object]:
    """Return a payload with this date."""
    return {"id": "a", "status": "queued", "estimatedCompletion": text}
