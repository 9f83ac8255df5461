"""Payload, a dict as the JSON parser gives it, to JobStatus and back, through cattrs.

cattrs walks the dict and renames the keys; the rules of the fields are ours. Left to itself it
would coerce (``5`` to ``'5'``, ``None`` to ``'None'``), so each field has a hook of its own. A hook
returns what is wrong and does not raise it, so that no group of exceptions has to be taken apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast, get_args, get_origin

import attrs
from typing_extensions import TypedDict

from jobstatus._fields import FIELDS, OPTIONAL, STATUS, Field
from jobstatus._foreign import excerpt, is_a, printable
from jobstatus._states import JobState, StateName
from jobstatus._status import JobStatus
from jobstatus.dates import format_date, parse_date, parse_iso8601_date
from jobstatus.errors import DecodeError, InvalidValueError, Problem

if TYPE_CHECKING:
    from datetime import datetime

    from cattrs import Converter

Null: TypeAlias = Literal["reject", "absent"]
UnknownKeys: TypeAlias = Literal["ignore", "reject"]
Dates: TypeAlias = Literal["ecmascript", "iso8601"]

_KEYS = {field.key for field in FIELDS}
_LONGEST_KEY = 80


class _Required(TypedDict):
    id: str
    status: StateName


# Two classes, for a NotRequired in an annotation that is a string is not seen at run time. Of
# typing_extensions, for pydantic asks for that TypedDict below Python 3.12.
class Payload(_Required, total=False):
    """A job status as the wire has it, in the interface's order; absent optionals are not there."""

    progress: float
    estimatedCompletion: str
    error: str


def register_hooks(
    converter: Converter,
    *,
    null: Null = "reject",
    unknown_keys: UnknownKeys = "ignore",
    dates: Dates = "ecmascript",
) -> None:
    """Teach a cattrs converter to read and write `JobStatus` in the camelCase form of the wire.

    A JobStatus that stands in the user's classes, in lists or in optionals, travels in that form
    too. One that is refused raises `DecodeError`, whose pointers start at the JobStatus; inside
    other classes cattrs puts it into the group that it raises for them. `cattrs.transform_error`
    replaces its text, so read the error itself.

    Args:
        converter: Any cattrs converter.
        null: As in `jobstatus.Codec`.
        unknown_keys: As in `jobstatus.Codec`.
        dates: As in `jobstatus.Codec`.

    Raises:
        InvalidValueError: With the code ``invalid_option`` for any other option.

    Example:
        >>> import attrs, cattrs
        >>> @attrs.frozen
        ... class Report:
        ...     jobs: list[JobStatus]
        >>> converter = cattrs.Converter()
        >>> register_hooks(converter)
        >>> converter.structure({"jobs": [{"id": "job-42", "status": "queued"}]}, Report)
        Report(jobs=[JobStatus('job-42', 'queued')])
    """
    check_policy(null, unknown_keys, dates)
    structure = structurer(null, unknown_keys, dates)
    converter.register_structure_hook_func(is_job_status, lambda value, _: structure(value))
    converter.register_unstructure_hook_func(is_job_status, unstructure)


def check_policy(null: object, unknown_keys: object, dates: object) -> None:
    """Raise InvalidValueError for an option that is none."""
    for name, given, options in (
        ("null", null, Null),
        ("unknown_keys", unknown_keys, UnknownKeys),
        ("dates", dates, Dates),
    ):
        if given not in (allowed := get_args(options)):
            raise invalid_option(name, " or ".join(map(repr, allowed)), given)


def invalid_option(name: str, expected: str, given: object) -> InvalidValueError:
    """Return the error for an option that is none."""
    message = f"{name}: expected {expected}, got {excerpt(given)}"
    return InvalidValueError("invalid_option", message)


def is_job_status(type_: object) -> bool:
    """Tell whether an annotation is JobStatus, with a parameter or without."""
    return (get_origin(type_) or type_) is JobStatus


@cache
def structurer(
    null: Null, unknown_keys: UnknownKeys, dates: Dates
) -> Callable[[object], JobStatus]:
    """Return the function that reads a payload under a policy, or raises DecodeError."""
    from cattrs import Converter
    from cattrs.gen import make_dict_structure_fn, override

    read_date = parse_date if dates == "ecmascript" else parse_iso8601_date
    overrides: dict[str, Any] = {
        field.name: override(rename=field.key, struct_hook=_field_hook(field, read_date))
        for field in FIELDS
    }
    members: type[Any] = attrs.make_class("Members", {f.name: _member(f) for f in FIELDS})
    plain = Converter(detailed_validation=False)
    read = cast("Callable[..., object]", make_dict_structure_fn(members, plain, **overrides))

    def structure(value: object) -> JobStatus:
        if not is_a(value, Mapping):  # type: ignore[type-abstract]  # issubclass takes it
            message = f"payload: expected an object, got {excerpt(value)}"
            raise DecodeError([Problem("", "wrong_type", message)])
        payload = dict(cast("Mapping[str, object]", value))
        if null == "absent":
            for field in OPTIONAL:
                if payload.get(field.key, field) is None:
                    del payload[field.key]
        values: dict[str, Any] = vars(read(payload, members))
        problems = [
            invalid.at(field.pointer, field.key)
            for field in FIELDS
            if isinstance(invalid := values[field.name], InvalidValueError)
        ]
        if unknown_keys == "reject":
            problems += _unknown_keys(payload)
        if problems:
            raise DecodeError(problems)
        return JobStatus(**values)

    return structure


def _member(field: Field) -> Any:
    """Return the attribute that holds what a field is, or what is wrong with it."""
    expected = ", ".join(JobState) if field is STATUS else "a string"
    missing = InvalidValueError("missing", f"expected {expected}, got no such key")
    return attrs.field(default=None if field.optional else missing)


def _field_hook(
    field: Field, read_date: Callable[[str], datetime]
) -> Callable[[object, Any], object]:
    rule = (
        cast("Callable[[object], object]", read_date)
        if field.name == "estimated_completion"
        else field.rule
    )

    def structure(value: object, _: object) -> object:
        if value is None and field.optional:
            return InvalidValueError("null", "expected a value or no key at all, got null")
        try:
            return rule(value)
        except InvalidValueError as invalid:
            # Without the frames that it was raised in, whose variables hold it and the payload.
            invalid.__context__ = None
            return invalid.with_traceback(None)

    return structure


def _unknown_keys(payload: Mapping[Any, object]) -> list[Problem]:
    return [
        Problem(
            # A pointer is never cut, so what is too long to be quoted is reported of the object.
            f"/{_escape(key)}" if type(key) is str and len(printable(key)) <= _LONGEST_KEY else "",
            "unknown_key",
            f"payload: expected no keys but the interface's, got {excerpt(key)}",
        )
        for key in payload
        if key not in _KEYS
    ]


def _escape(token: str) -> str:
    # A reference token, as RFC 6901, section 3 has it.
    return token.replace("~", "~0").replace("/", "~1")


def unstructure(job: JobStatus[Any]) -> Payload:
    """Return the payload of a job, its keys in the interface's order."""
    if type(job) is not JobStatus:
        raise TypeError(f"expected a JobStatus, got {excerpt(job)}")
    return cast("Payload", _unstructurer()(job))


@cache
def _unstructurer() -> Callable[[JobStatus], dict[str, Any]]:
    from cattrs import Converter
    from cattrs.gen import make_dict_unstructure_fn, override

    hooks: dict[str, Callable[[Any], object]] = {
        "status": str,
        "progress": _number,
        "estimated_completion": format_date,
    }
    # omit_if_default stands with each field, for the converter's is lost where a field has an
    # override.
    overrides: dict[str, Any] = {
        field.name: override(
            rename=field.key,
            omit_if_default=field.optional,
            unstruct_hook=hooks.get(field.name),
        )
        for field in FIELDS
    }
    return make_dict_unstructure_fn(JobStatus, Converter(), **overrides)


def _number(value: float) -> float:
    # An int where it is one, so that any JSON encoder writes 40 as ECMAScript does, and not 40.0.
    return int(value) if value.is_integer() else value
