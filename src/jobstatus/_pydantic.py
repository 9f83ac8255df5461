"""JobStatus for pydantic, and so for FastAPI: the two schemas that pydantic asks it for.

Nothing but the hooks of JobStatus and of Codec imports this module, so that pydantic is there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import Any, cast

from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, ValidationError
from pydantic_core.core_schema import (
    no_info_before_validator_function,
    no_info_plain_validator_function,
    plain_serializer_function_ser_schema,
)

from jobstatus._foreign import excerpt, printable
from jobstatus._payload import unstructure
from jobstatus._status import JobStatus
from jobstatus.codec import DEFAULT, Codec
from jobstatus.contract import openapi_component
from jobstatus.errors import DecodeError, Problem

_LONGEST_INPUT = 80
_MOST_BITS = 53


def core_schema() -> CoreSchema:
    """Return what validates and serialises: a job as it is, or a payload as a codec reads it."""
    return no_info_plain_validator_function(
        partial(_validate, DEFAULT),
        # By which pydantic defines the schema once, and refers to it.
        ref="jobstatus.JobStatus",
        serialization=plain_serializer_function_ser_schema(unstructure, when_used="json"),
    )


def core_schema_of(codec: Codec, default: CoreSchema) -> CoreSchema:
    """Return the schema for another policy: that of the default one, after reading by this."""
    return no_info_before_validator_function(partial(_validate, codec), default)


def json_schema() -> dict[str, Any]:
    """Return the JSON schema, in both of pydantic's modes."""
    return openapi_component()


def _validate(codec: Codec, value: object) -> JobStatus:
    if type(value) is JobStatus:
        return value
    try:
        return codec.from_payload(cast("Mapping[str, object]", value))
    except DecodeError as error:
        details = [_detail(problem, value) for problem in error.problems]
        # Of pydantic's own class, for it makes one error of any other ValueError.
        raise ValidationError.from_exception_data("JobStatus", details) from None


def _detail(problem: Problem, payload: object) -> InitErrorDetails:
    tokens = problem.pointer.split("/")[1:]
    place = tuple(token.replace("~1", "/").replace("~0", "~") for token in tokens)
    came = payload
    if problem.code != "missing":
        for key in place:
            came = cast("Mapping[str, object]", payload)[key]
    context = {"pointer": printable(problem.pointer)}
    template: Any = problem.message  # pydantic would have a literal
    if "{" in template:
        # pydantic puts what the context has into the message, in this order; so what is quoted
        # there is left alone.
        context["message"], template = template, "{message}"
    return InitErrorDetails(
        type=PydanticCustomError(problem.code, template, context),
        loc=tuple(map(printable, place)),
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
