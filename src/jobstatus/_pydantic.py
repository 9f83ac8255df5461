"""JobStatus for pydantic, and so for FastAPI: the two schemas that pydantic asks it for.

Nothing but pydantic's hooks on JobStatus imports this module, so that pydantic is there.
"""

from __future__ import annotations

import math
from typing import Any, cast

from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, ValidationError
from pydantic_core.core_schema import (
    no_info_plain_validator_function,
    plain_serializer_function_ser_schema,
)

from jobstatus._foreign import excerpt
from jobstatus._payload import unstructure
from jobstatus._status import JobStatus
from jobstatus.codec import DEFAULT
from jobstatus.contract import openapi_component
from jobstatus.errors import DecodeError, Problem

_LONGEST_INPUT = 80
_MOST_BITS = 53


def core_schema() -> CoreSchema:
    """Return what validates and serialises: a job as it is, or a payload as the codec reads it."""
    return no_info_plain_validator_function(
        _validate,
        # By which pydantic defines the JSON schema once, and refers to it.
        ref="jobstatus.JobStatus",
        serialization=plain_serializer_function_ser_schema(unstructure, when_used="json"),
    )


def json_schema() -> dict[str, Any]:
    """Return the JSON schema, in both of pydantic's modes."""
    return openapi_component()


def _validate(value: object) -> JobStatus:
    if type(value) is JobStatus:
        return value
    try:
        return DEFAULT.from_payload(cast("dict[str, object]", value))
    except DecodeError as error:
        details = [_detail(problem, value) for problem in error.problems]
        # Of pydantic's own class, for it makes one error of any other ValueError.
        raise ValidationError.from_exception_data("JobStatus", details) from None


def _detail(problem: Problem, payload: object) -> InitErrorDetails:
    # One of the interface's keys, or nothing, so that no token is escaped.
    place = problem.pointer.split("/")[1:]
    came = payload
    for key in place:
        came = cast("dict[str, object]", payload).get(key, payload)
    # pydantic puts what the context has into the message, in this order; so what is quoted in the
    # message is left alone.
    context = {"pointer": problem.pointer, "message": problem.message}
    return InitErrorDetails(
        type=PydanticCustomError(problem.code, "{message}", context),
        loc=tuple(place),
        input=_input(came),
    )


def _input(value: object) -> object:
    """Return what came if it is short and any JSON encoder writes it; otherwise an excerpt.

    FastAPI sends it back, and its encoder raises for NaN and lone surrogates.
    """
    match value:
        case None | bool():
            return value
        case int() if value.bit_length() <= _MOST_BITS:
            return value
        case float() if math.isfinite(value):
            return value
        case str() if len(value) <= _LONGEST_INPUT and value.isprintable():
            return value
        case _:
            return excerpt(value)
