"""What the JSON Schema says of a payload, and what it cannot say."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final, cast

from jsonschema import Draft202012Validator

from jobstatus.contract import json_schema

SCHEMA: Final = cast("dict[str, Any]", json_schema())
_VALIDATOR: Final[Any] = Draft202012Validator(SCHEMA)
# A day from which an offset, or 24:00, leads out of the years 1 to 9999.
_EDGE = re.compile(r"(?:\+00)?(?:0001(?:-01(?:-01)?)?T.*\+..:..|9999-12-31T(?:.*-..:..|24:00.*))")


def is_valid(payload: object) -> bool:
    """Tell whether the payload belongs to the schema."""
    return bool(_VALIDATOR.is_valid(payload))


def is_unsayable(payload: object, problems: Iterable[tuple[str, str]]) -> bool:
    """Tell whether what is wrong with a payload is what `json_schema` says that it cannot say.

    Or that a newline is behind its date, which is the validator's fault: Python's ``$`` matches
    before it, and ECMAScript's does not.
    """
    date = str(cast("dict[str, object]", payload).get("estimatedCompletion"))
    match [*problems]:
        case [("/estimatedCompletion", "out_of_range")]:
            return _EDGE.fullmatch(date) is not None
        case [("/estimatedCompletion", "invalid_date")]:
            return date.endswith("\n") and is_valid(date_only(date[:-1]))
        case _:
            return False


def date_only(text: str) -> dict[str, object]:
    """Return a payload with this date."""
    return {"id": "a", "status": "queued", "estimatedCompletion": text}
