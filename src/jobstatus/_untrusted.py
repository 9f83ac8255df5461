"""Type checks and reprs that are safe on untrusted objects."""

from __future__ import annotations

import math
import reprlib
from collections.abc import Mapping
from typing import Any, Final, TypeGuard, TypeVar, cast

T = TypeVar("T")

MAX_EXCERPT: Final = 80
"""The maximum number of characters that a message quotes of a value or a key."""
_FEW_BITS = 64  # at most 20 digits
_SHORT = MAX_EXCERPT // 2 - 1  # repr adds two quotes, and at most doubles printable text
_MAX_BITS = 1 << 10  # longer ints are slow to print, or raise above 4,300 digits
_REPR = reprlib.Repr()
_REPR.maxlong = _REPR.maxother = _REPR.maxstring = MAX_EXCERPT


def is_a(value: object, kind: type[T]) -> TypeGuard[T]:
    """Return whether a value is an instance of a type, by its real class.

    isinstance also trusts the value's ``__class__``, which a mock may set to anything.
    """
    try:
        return issubclass(type(value), kind)
    except RecursionError:  # the caller's stack is nearly full
        raise
    except Exception:  # noqa: BLE001 - an abstract base class may call a hostile metaclass
        return False


def as_str(value: object) -> str | None:
    """Return a str or an instance of a subclass as a plain str; return None for other values.

    A subclass may override any method, so its text is copied.
    """
    if type(value) is str:
        return value
    return str.__str__(value) if is_a(value, str) else None


def as_bytes(value: object) -> bytes | None:
    """Return a bytes, bytearray or memoryview as plain bytes; return None for other values.

    A subclass may override any method, so its buffer is copied.
    """
    if type(value) is bytes:
        return value
    if is_a(value, bytes) or is_a(value, bytearray) or is_a(value, memoryview):
        return memoryview(value).tobytes()
    return None


def as_dict(value: object) -> dict[Any, object] | None:
    """Return a mapping as a dict, without copying a plain one; return None for other values."""
    if type(value) is dict:
        return cast("dict[Any, object]", value)
    if not is_a(value, Mapping):  # type: ignore[type-abstract]  # issubclass accepts an abstract class
        return None
    try:
        return dict(cast("Mapping[Any, object]", value))
    except RecursionError:  # the caller's stack is nearly full
        raise
    except Exception:  # noqa: BLE001 - an untrusted mapping
        return None


def as_float(value: object) -> float | None:
    """Return a real number as the nearest float; return None for other values, and for a bool.

    The result is NaN if an int is too large for a float, or if the conversion fails.
    """
    if type(value) is not int and not _is_real(value):
        return None
    try:
        return float(cast("float", value))
    except RecursionError:  # the caller's stack is nearly full
        raise
    except Exception:  # noqa: BLE001 - OverflowError, Decimal's sNaN, an untrusted __float__
        return math.nan


def _is_real(value: object) -> bool:
    # Imported lazily, because few numbers get here and `import jobstatus` should be fast.
    from decimal import Decimal
    from numbers import Real

    is_number = is_a(value, Real) or is_a(value, Decimal)  # type: ignore[type-abstract]  # issubclass accepts an abstract class
    return is_number and not is_a(value, bool)


def excerpt(value: object) -> str:
    """Return the repr of any object, cut at 80 characters, on one line; never raises."""
    # Compare types with `is`: a dict lookup could call a hostile metaclass's __hash__.
    kind = type(value)
    if kind is float or kind is bool or value is None:
        return repr(value)
    if kind is int and cast("int", value).bit_length() <= _FEW_BITS:
        return repr(value)
    if kind is str and len(text := cast("str", value)) <= _SHORT and text.isprintable():
        return repr(text)
    try:
        if is_a(value, str):
            text = repr(str.__str__(value)[: MAX_EXCERPT + 1])
        elif is_a(value, bytes) or is_a(value, bytearray):
            text = repr(bytes(value[: MAX_EXCERPT + 1]))
        elif is_a(value, int) and value.bit_length() > _MAX_BITS:
            text = f"<int of {value.bit_length()} bits>"
        else:
            # An untrusted __repr__ may return a subclass of str.
            text = str.__str__(_REPR.repr(value))
    except Exception:  # noqa: BLE001 - an untrusted __repr__
        text = object.__repr__(value)
    text = printable(text[: MAX_EXCERPT + 1])
    return text if len(text) <= MAX_EXCERPT else text[: MAX_EXCERPT - 3] + "..."


def printable(text: str) -> str:
    """Return text with line breaks and control characters escaped, safe for logs and terminals."""
    return text if text.isprintable() else repr(text)[1:-1]
