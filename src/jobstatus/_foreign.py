"""Values from outside, told apart and quoted without trusting what they say of themselves."""

from __future__ import annotations

import reprlib
from typing import TypeGuard, TypeVar, cast

T = TypeVar("T")

_LONGEST = 80
_FEW_BITS = 64
_MOST_BITS = 1 << 10
_REPR = reprlib.Repr()
_REPR.maxlong = _REPR.maxother = _REPR.maxstring = _LONGEST


def is_a(value: object, kind: type[T]) -> TypeGuard[T]:
    """Tell whether a value really is of a type.

    isinstance also asks the value's ``__class__``, where a mock may say what it likes.
    """
    try:
        return issubclass(type(value), kind)
    except Exception:  # noqa: BLE001 - a foreign metaclass, asked by an abstract base class
        return False


def excerpt(value: object) -> str:
    """Return the repr of any object, cut at 80 characters, on one line; never raises."""
    # Most values that are refused are numbers. A foreign type is not looked up anywhere, for its
    # metaclass may hash as it likes.
    kind = type(value)
    if kind is float or kind is bool or value is None:
        return repr(value)
    if kind is int and cast("int", value).bit_length() <= _FEW_BITS:
        return repr(value)
    try:
        if is_a(value, str):
            text = repr(str.__str__(value)[: _LONGEST + 1])
        elif is_a(value, bytes) or is_a(value, bytearray):
            text = repr(bytes(value[: _LONGEST + 1]))
        elif is_a(value, int) and value.bit_length() > _MOST_BITS:
            text = f"<int of {value.bit_length()} bits>"
        else:
            # A foreign __repr__ may return a subclass of str.
            text = str.__str__(_REPR.repr(value))
    except Exception:  # noqa: BLE001 - a foreign __repr__
        text = object.__repr__(value)
    text = printable(text[: _LONGEST + 1])
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def printable(text: str) -> str:
    """Return text with what could forge a log line or drive a terminal escaped."""
    return text if text.isprintable() else repr(text)[1:-1]
