"""The one table of the interface's fields: their names here and on the wire, and their rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, final

import attrs

from jobstatus._scalars import parse_progress, parse_text
from jobstatus._states import parse_state
from jobstatus.dates import normalize_date
from jobstatus.errors import InvalidJobStatusError, InvalidValueError, Problem


@final
@attrs.frozen(eq=False)
class Field:
    """One field of the interface.

    There is one object for each, so that it compares and hashes by identity: it is a key in every
    construction of a JobStatus.
    """

    name: str
    key: str
    rule: Callable[[object], object]
    optional: bool = False

    @property
    def pointer(self) -> str:
        """The JSON Pointer (RFC 6901) of the field."""
        return f"/{self.key}"

    def parse(self, value: object) -> object:
        """Return the value as a JobStatus holds it, or raise InvalidValueError."""
        return None if value is None and self.optional else self.rule(value)


STATUS: Final = Field("status", "status", parse_state)
FIELDS: Final = (
    Field("id", "id", parse_text),
    STATUS,
    Field("progress", "progress", parse_progress, optional=True),
    Field("estimated_completion", "estimatedCompletion", normalize_date, optional=True),
    Field("error", "error", parse_text, optional=True),
)
"""The fields, in the interface's order."""

OPTIONAL: Final = tuple(field for field in FIELDS if field.optional)
"""Those that may be absent."""


def collect(fields: Iterable[Field], parse: Callable[[Field], object]) -> dict[str, Any]:
    """Return what `parse` makes of each field, by name, or raise all that is wrong at once."""
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for field in fields:
        try:
            values[field.name] = parse(field)
        except InvalidValueError as invalid:
            problems.append(invalid.at(field.pointer, field.name))
    if problems:
        raise InvalidJobStatusError(problems)
    return values
