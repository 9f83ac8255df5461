"""pydantic and FastAPI support: the core schema and the JSON schema of JobStatus.

Only the pydantic hooks of JobStatus and Codec import this module, so pydantic is installed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NotRequired, cast

from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, ValidationError
from pydantic_core.core_schema import (
    any_schema,
    lax_or_strict_schema,
    no_info_wrap_validator_function,
    plain_serializer_function_ser_schema,
    wrap_serializer_function_ser_schema,
)
from typing_extensions import TypedDict

from jobstatus import history
from jobstatus._status import JobStatus
from jobstatus._untrusted import MAX_EXCERPT, excerpt, printable
from jobstatus._wire import MAX_SAFE_INTEGER
from jobstatus.codec import DEFAULT, Codec, Payload
from jobstatus.contract import openapi_component
from jobstatus.errors import DecodeError, Problem, require_job, unescape_token
from jobstatus.history import FindingCode, Severity

_MAX_PROBLEMS = 100


def core_schema() -> CoreSchema:
    """Return the schema that validates and serialises a JobStatus.

    It accepts a JobStatus unchanged, and reads a payload with the default codec. Strict mode
    changes nothing, because a codec never converts a value of another type.
    """
    return no_info_wrap_validator_function(
        _reader(DEFAULT),
        _accept_strict(any_schema()),
        # With a ref, pydantic defines the schema once and refers to it elsewhere. It cuts the colon
        # and the rest off the name, also the options that it appends for a strict field.
        ref="jobstatus.JobStatus:0",
        serialization=plain_serializer_function_ser_schema(_serialize, when_used="json"),
    )


def core_schema_of(codec: Codec, default: CoreSchema) -> CoreSchema:
    """Return the schema for another codec; it serialises as the default schema does."""
    return no_info_wrap_validator_function(_reader(codec), _accept_strict(default))


def _accept_strict(schema: CoreSchema) -> CoreSchema:
    # A reader never calls its inner schema. But pydantic passes `strict=True` on to it, and raises
    # RuntimeError for most types of schema.
    return lax_or_strict_schema(schema, schema)


def json_schema() -> dict[str, Any]:
    """Return the JSON schema, in both of pydantic's modes."""
    return openapi_component()


class Finding(TypedDict):
    """A broken rule in the history of one job."""

    severity: Severity
    code: FindingCode
    jobId: str
    message: str
    index: int
    line: NotRequired[int]
    before: NotRequired[JobStatus]
    after: JobStatus


def finding_schema(handler: Callable[[Any], CoreSchema]) -> CoreSchema:
    """Return the schema that accepts a `jobstatus.history.Finding` and serialises it.

    Its JSON schema is that of the TypedDict above, whose jobs refer to the schema of JobStatus.
    """
    payload = handler(Finding)
    return no_info_wrap_validator_function(
        _require_finding,
        payload,
        serialization=wrap_serializer_function_ser_schema(
            # `schema` is for model_dump, which keeps the Finding.
            _serialize_finding,
            schema=any_schema(),
            return_schema=payload,
            when_used="json",
        ),
    )


def _require_finding(value: object, _: object) -> history.Finding:
    if type(value) is not history.Finding:
        raise ValueError(f"expected a Finding, got {excerpt(value)}")
    return value


def _serialize_finding(finding: history.Finding, _: object) -> dict[str, object]:
    jobs = {"before": finding.before, "after": finding.after}
    return {key: jobs.get(key, value) for key, value in finding.to_payload().items()}


def _serialize(job: object) -> Payload:
    payload: Payload = require_job(job).to_payload()
    return payload


def _reader(codec: Codec) -> Callable[[object, object], JobStatus]:
    def read(value: object, _handler: object) -> JobStatus:
        return _validate(codec, value)

    # Pydantic puts the name into the titles and locations of errors, which FastAPI sends to
    # clients. Without a name it takes the repr, which may have a memory address.
    read.__name__ = "JobStatus"
    return read


def _validate(codec: Codec, value: object) -> JobStatus:
    if type(value) is JobStatus:
        return value
    try:
        return codec.from_payload(cast("Mapping[str, object]", value))
    except DecodeError as error:
        details = [_detail(problem, value) for problem in error.problems[:_MAX_PROBLEMS]]
        # Raise pydantic's own class, because pydantic merges the problems of other ValueErrors.
        raise ValidationError.from_exception_data("JobStatus", details) from None


def _detail(problem: Problem, payload: object) -> InitErrorDetails:
    tokens = problem.pointer.split("/")[1:]
    place = tuple(unescape_token(token) for token in tokens)
    value = payload
    if problem.code != "missing":
        for key in place:
            value = cast("Mapping[str, object]", payload)[key]
    context = {"pointer": printable(problem.pointer)}
    template: Any = problem.message  # Any, because pydantic requires a LiteralString
    if "{" in template:
        # pydantic replaces "{key}" in the template by the context's values, in order. The message
        # comes last, so braces that it quotes stay as they are.
        context["message"], template = template, "{message}"
    return InitErrorDetails(
        type=PydanticCustomError(problem.code, template, context),
        loc=tuple(map(printable, place)),
        input=_input(value),
    )


def _input(value: object) -> object:
    """Return the value if it is short and safe for any JSON encoder; otherwise an excerpt.

    FastAPI sends it back to the client, and its encoder raises for NaN and lone surrogates.
    """
    match value:
        case None | bool():
            return value
        case int() if abs(value) <= MAX_SAFE_INTEGER:
            return value
        case float() if math.isfinite(value):
            return value
        case str() if len(value) <= MAX_EXCERPT and value.isprintable():
            return value
        case _:
            return excerpt(value)
