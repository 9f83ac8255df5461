"""The contract for the other side: JSON Schema, OpenAPI and TypeScript.

All three are made from the table of fields that the codec reads and writes by, and from the
lifecycle. ``contract/`` in the repository holds what they give.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from types import MappingProxyType
from typing import Final, final

import attrs

from jobstatus._fields import FIELDS, OPTIONAL, Field
from jobstatus._scalars import LEAST_PROGRESS, MOST_PROGRESS, parse_progress, parse_text
from jobstatus._states import JobState, parse_state
from jobstatus._typescript import RUNTIME
from jobstatus.dates import FORMAT, normalize_date
from jobstatus.lifecycle import STANDARD, Lifecycle

__all__ = ["json_schema", "openapi_component", "typescript"]

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_LEAST, _MOST = int(LEAST_PROGRESS), int(MOST_PROGRESS)

# What `parse_date` reads, but for instants that an offset or 24:00 moves out of the years 1 to
# 9999. Without lookaround, which many engines for `pattern` do not have.
_YEAR = "(?:000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})"
_FOURTH = "(?:0[48]|[2468][048]|[13579][26])"  # of a century's years, or of the centuries
_LEAP_YEAR = f"(?:[0-9]{{2}}{_FOURTH}|{_FOURTH}00)"
_MONTH = "(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|1[0-9]|2[0-8]))?"
_MONTH_END = "(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31"
_DAY = f"(?:{_YEAR}(?:-(?:{_MONTH}|{_MONTH_END}))?|{_LEAP_YEAR}-02-29)"
_CLOCK = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_SECONDS = r"(?::[0-5][0-9](?:\.[0-9]{1,9})?)?"
_TIME = rf"T(?:{_CLOCK}{_SECONDS}|24:00(?::00(?:\.0{{1,9}})?)?)(?:Z|[+-]{_CLOCK})"
_DATE: Final = rf"^(?:\+00)?{_DAY}(?:{_TIME})?$"


@final
@attrs.frozen
class _Form:
    """How the languages of the contract say what a rule allows."""

    schema: dict[str, object]
    type: str
    """In TypeScript."""
    parse: str
    """The function of the generated file that is the rule."""
    note: str = ""


_FORMS: Final[Mapping[Callable[..., object], _Form]] = MappingProxyType(
    {
        parse_text: _Form({"type": "string"}, "string", "parseText"),
        parse_state: _Form(
            {"type": "string", "enum": [state.value for state in JobState]},
            " | ".join(f"'{state}'" for state in JobState),
            "parseState",
        ),
        parse_progress: _Form(
            {"type": "number", "minimum": _LEAST, "maximum": _MOST},
            "number",
            "parseProgress",
            f"{_LEAST}-{_MOST}",
        ),
        normalize_date: _Form(
            {
                "type": "string",
                "pattern": _DATE,
                "description": "A date that means one instant everywhere, in the Date Time String "
                "Format of ECMA-262; written as Date.prototype.toISOString writes it.",
                "examples": ["2026-11-23T14:40:00.123Z"],
            },
            "Date",
            "parseDate",
            "on the wire: what Date.prototype.toJSON writes",
        ),
    }
)


def json_schema() -> dict[str, object]:
    """Return the JSON Schema (2020-12) of a payload, as `jobstatus.Codec` reads it by default.

    It is a new dict each time, which the caller may change.

    What it cannot say, and the codec refuses: an instant that its offset or ``24:00`` moves out of
    the years 1 to 9999; and a newline behind a date, where the validator's ``$`` matches before it,
    as Python's does. It judges values, of which the numbers are doubles: what is no JSON, or nests
    too deep, is the parser's business. There is no ``format``, for ``date-time`` (RFC 3339) allows
    less: no date alone, no time without seconds.

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

    That is the JSON Schema without its ``$schema``, for 2020-12 is OpenAPI 3.1's own. FastAPI has
    it from here.

    Example:
        >>> document = {"components": {"schemas": {"JobStatus": openapi_component()}}}
        >>> document["components"]["schemas"]["JobStatus"]["title"]
        'JobStatus'
    """
    return {
        "title": "JobStatus",
        "description": "The status of a background job.",
        "type": "object",
        "properties": {field.key: deepcopy(_FORMS[field.rule].schema) for field in FIELDS},
        "required": [field.key for field in FIELDS if not field.optional],
    }


def typescript(*, lifecycle: Lifecycle = STANDARD) -> str:
    r"""Return a TypeScript module: the interface, its reviver, and the legal transitions.

    ``reviveJobStatus`` takes what ``JSON.parse`` gives, refuses what `jobstatus.Codec` refuses by
    default, nesting excepted, with the same pointers and codes, and returns a ``JobStatus`` whose
    date is a ``Date`` and whose keys are in the interface's order. ``TRANSITIONS`` has for each
    state those that may follow it.

    The module compiles under ``--strict``, ``--exactOptionalPropertyTypes`` and whatever else
    checks more strictly, needs ES2022, and imports nothing.

    Args:
        lifecycle: The table of the transitions.

    Example:
        >>> print(*typescript().splitlines()[2:9], sep="\n")
        export interface JobStatus {
          id: string;
          status: 'queued' | 'processing' | 'completed' | 'failed' | 'cancelled';
          progress?: number;            // 0-100
          estimatedCompletion?: Date;   // on the wire: what Date.prototype.toJSON writes
          error?: string;
        }
    """
    parts = (
        "// The JobStatus contract, generated by `python -m jobstatus typescript`; do not edit.\n",
        _interface(),
        "export type JobState = JobStatus['status'];\n",
        _transitions(lifecycle),
        _CONSTANTS,
        RUNTIME,
        _reviver(),
    )
    return "\n".join(parts)


_CONSTANTS: Final = f"""\
const LEAST_PROGRESS = {_LEAST};
const MOST_PROGRESS = {_MOST};
const DATE =
  /^{FORMAT}$/;
const FIRST = Date.parse('0001-01-01T00:00:00.000Z');
const LAST = Date.parse('9999-12-31T23:59:59.999Z');
"""


def _interface() -> str:
    members: list[tuple[str, str]] = []
    for field in FIELDS:
        form = _FORMS[field.rule]
        members.append((f"{field.key}{'?' * field.optional}: {form.type};", form.note))
    width = max(len(member) for member, note in members if note) + 3
    lines = [f"  {member:{width}}// {note}" if note else f"  {member}" for member, note in members]
    return "\n".join(["export interface JobStatus {", *lines, "}", ""])


def _transitions(lifecycle: Lifecycle) -> str:
    rows = (
        f"  {source}: [" + ", ".join(f"'{target}'" for target in row) + "],"
        for source, row in lifecycle.table.items()
    )
    return "\n".join(
        [
            "/** The states that may follow each state; none follow a final one. */",
            "export const TRANSITIONS = {",
            *rows,
            "} as const satisfies Record<JobState, readonly JobState[]>;",
            "",
        ]
    )


def _reviver() -> str:
    def read(field: Field) -> str:
        kind = "optional" if field.optional else "required"
        return f"  const {field.key} = read.{kind}('{field.key}', {_FORMS[field.rule].parse});"

    required = [field.key for field in FIELDS if not field.optional]
    absent = " || ".join(f"{key} === undefined" for key in required)
    return "\n".join(
        [
            "/**",
            " * Returns the job that a parsed JSON value is, its date as a Date.",
            " *",
            " * @throws {DecodeError} with all that is wrong.",
            " */",
            "export function reviveJobStatus(value: unknown): JobStatus {",
            "  if (!isObject(value)) {",
            "    const message = `payload: expected an object, got ${excerpt(value)}`;",
            "    throw new DecodeError([{ pointer: '', code: 'wrong_type', message }]);",
            "  }",
            "  const read = new Reader(value);",
            *map(read, FIELDS),
            f"  if (read.problems.length > 0 || {absent}) {{",
            "    throw new DecodeError(read.problems);",
            "  }",
            f"  const job: JobStatus = {{ {', '.join(required)} }};",
            *(
                f"  if ({field.key} !== undefined) job.{field.key} = {field.key};"
                for field in OPTIONAL
            ),
            "  return job;",
            "}",
            "",
        ]
    )
