"""Texts and numbers as the wire can hold them.

They are public in `validators`, whose classes nobody needs who imports the package alone.
"""

from __future__ import annotations

import math
import re
from typing import Final, cast

from jobstatus._foreign import excerpt, is_a
from jobstatus.errors import InvalidValueError, ProblemCode

LEAST_PROGRESS: Final = 0.0
MOST_PROGRESS: Final = 100.0

_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")


def parse_text(value: object) -> str:
    r"""Return a string as the wire can hold it.

    Args:
        value: Any string. Lone surrogates stay; two code units that form a surrogate pair become
            the one character that they mean in UTF-16 (ECMA-262, "The String Type").

    Raises:
        InvalidValueError: With the code ``wrong_type`` if the value is not a string.

    Example:
        >>> parse_text("\ud83d\ude00") == "\U0001f600"
        True
    """
    if not is_a(value, str):
        raise InvalidValueError("wrong_type", f"expected a string, got {excerpt(value)}")
    text = str.__str__(value)
    return text if text.isascii() else _PAIR.sub(_join, text)


def _join(pair: re.Match[str]) -> str:
    return pair[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le")


def parse_progress(
    value: object, *, low: float = LEAST_PROGRESS, high: float = MOST_PROGRESS
) -> float:
    """Return a number in a range as a float.

    Args:
        value: Any real number: an int, a float, a Decimal, or a `numbers.Real`, as NumPy's are.
        low: The least number allowed.
        high: The greatest number allowed.

    Returns:
        The nearest float; it is this that must be in the range. Never -0.0.

    Raises:
        InvalidValueError: With the code ``wrong_type`` for what is not a real number (a bool and a
            numeric string are not), and ``out_of_range`` for NaN, an infinity or a number outside
            the range.

    Example:
        >>> parse_progress(40)
        40.0
        >>> parse_progress(True)
        Traceback (most recent call last):
        ...
        jobstatus.errors.InvalidValueError: expected a number from 0 to 100, got True
    """
    if type(value) is not float and type(value) is not int and not _is_real(value):
        raise _out(low, high, value, "wrong_type")
    try:
        number = float(cast("float", value))
    except Exception:  # noqa: BLE001 - beyond float's range, Decimal's sNaN, a foreign __float__
        number = math.nan
    if not low <= number <= high or math.isinf(number):
        raise _out(low, high, value, "out_of_range")
    return number + 0.0  # -0.0 + 0.0 is 0.0 (IEEE 754)


def _is_real(value: object) -> bool:
    # Not loaded with the package, for most numbers are plain.
    from decimal import Decimal
    from numbers import Real

    is_number = is_a(value, Real) or is_a(value, Decimal)  # type: ignore[type-abstract]  # issubclass takes it
    return is_number and not is_a(value, bool)


def _out(low: float, high: float, value: object, code: ProblemCode) -> InvalidValueError:
    least, most = repr(low).removesuffix(".0"), repr(high).removesuffix(".0")
    message = f"expected a number from {least} to {most}, got {excerpt(value)}"
    return InvalidValueError(code, message)
