"""msgspec's decoder, which checks the types and the range by itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Annotated, Any, NamedTuple

from jobstatus._fields import FIELDS
from jobstatus._scalars import LEAST_PROGRESS, MOST_PROGRESS
from jobstatus._states import JobState


class Decoders(NamedTuple):
    """What is asked of msgspec: any value, a struct of the wire's keys, an array of structs."""

    value: Callable[[str], object]
    struct: Callable[[str], Any]
    structs: Callable[[str], list[Any]]


@cache
def decoders() -> Decoders | None:
    """Return msgspec's decoders, or None where it is not installed.

    They refuse lone surrogates, and a struct passes over unknown keys. It has None for what is
    absent, refuses null, and has its date as a text; all else is as the interface has it.
    """
    try:
        from msgspec import Meta, defstruct
        from msgspec.json import Decoder
    except ImportError:
        return None
    types: dict[str, Any] = {
        "status": JobState,
        "progress": Annotated[float, Meta(ge=LEAST_PROGRESS, le=MOST_PROGRESS)],
    }
    members: list[Any] = [
        (field.key, types.get(field.key, str), *([None] if field.optional else []))
        for field in FIELDS
    ]
    wire: Any = defstruct("Wire", members, gc=False)
    return Decoders(Decoder().decode, Decoder(wire).decode, Decoder(list[wire]).decode)
