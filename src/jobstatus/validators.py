"""The rules of the fields, for JobStatus and for your own attrs classes.

The functions check a value and return it normalised, so you can use them as attrs converters. The
classes are attrs validators. They check a value without changing it, and their messages start with
the field's name. `attrs.validators.set_disabled` disables these validators on your classes, but not
the converters. It has no effect on JobStatus.

Example:
    >>> import attrs
    >>> from datetime import datetime
    >>> from jobstatus import dates, validators
    >>> @attrs.frozen
    ... class Booking:
    ...     opens: datetime = attrs.field(converter=dates.normalize_date)
    ...     closes: datetime = attrs.field(
    ...         converter=dates.normalize_date, validator=validators.NotBefore("opens")
    ...     )
    ...     load: float = attrs.field(default=0.0, validator=validators.InRange(0.0, 1.0))
"""

from __future__ import annotations

import math
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast, final

import attrs
from attrs import NOTHING

from jobstatus._states import BY_NAME, JobState
from jobstatus._untrusted import as_float, as_str, excerpt
from jobstatus.dates import check_datetime
from jobstatus.errors import Fault, InvalidValueError, ProblemCode, alternatives

if TYPE_CHECKING:
    Attribute: TypeAlias = attrs.Attribute[Any]
else:
    Attribute = attrs.Attribute  # not generic at run time

__all__ = [
    "InRange",
    "NotAfter",
    "NotBefore",
    "WireDate",
    "parse_progress",
    "parse_state",
    "parse_text",
]

MIN_PROGRESS: Final = 0.0
MAX_PROGRESS: Final = 100.0

_NAMES = alternatives(JobState)
_MAX_NEAR: Final = 16
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")


def parse_text(value: object) -> str:
    r"""Return a string with its surrogate pairs joined, which is its form on the wire.

    Args:
        value: Any string. Two code units that form a surrogate pair become the character that they
            encode in UTF-16 (ECMA-262, "The String Type"). Lone surrogates stay.

    Raises:
        InvalidValueError: With the code ``wrong_type`` if the value is not a string.

    Example:
        >>> parse_text("\ud83d\ude00") == "\U0001f600"
        True
    """
    result = check_text(value)
    return result.throw() if isinstance(result, Fault) else result


def check_text(value: object) -> str | Fault:
    """Return the result of `parse_text`, or a Fault where it would raise."""
    if type(value) is not str:
        text = as_str(value)
        if text is None:
            return Fault(("wrong_type", f"expected a string, got {excerpt(value)}", None))
        value = text
    return value if value.isascii() else _PAIR.sub(_join, value)


def _join(pair: re.Match[str]) -> str:
    return pair[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le")


def parse_progress(
    value: object, *, low: float = MIN_PROGRESS, high: float = MAX_PROGRESS
) -> float:
    """Return a number as a float, after checking that it is in a range.

    Args:
        value: An int, a float, a Decimal or a `numbers.Real`, such as a NumPy number.
        low: The minimum.
        high: The maximum.

    Returns:
        The nearest float; never -0.0.

    Raises:
        InvalidValueError: With the code ``wrong_type`` if the value is not a real number, such as a
            bool or a numeric string; ``out_of_range`` if it is NaN or infinite, or if the nearest
            float is outside the range.

    Example:
        >>> parse_progress(40)
        40.0
        >>> parse_progress(True)
        Traceback (most recent call last):
        ...
        jobstatus.errors.InvalidValueError: expected a number from 0 to 100, got True
    """
    result = check_progress(value, low, high)
    return result.throw() if isinstance(result, Fault) else result


def check_progress(
    value: object, low: float = MIN_PROGRESS, high: float = MAX_PROGRESS
) -> float | Fault:
    """Return the result of `parse_progress`, or a Fault where it would raise."""
    number = value if type(value) is float else as_float(value)
    if number is None:
        return progress_fault("wrong_type", value, low, high)
    if low <= number <= high and not math.isinf(number):
        return number + 0.0  # -0.0 + 0.0 is 0.0 (IEEE 754)
    return progress_fault("out_of_range", value, low, high)


def progress_fault(
    code: ProblemCode, value: object, low: float = MIN_PROGRESS, high: float = MAX_PROGRESS
) -> Fault:
    """Return the Fault of a value that is not a number from low to high."""
    minimum, maximum = repr(low).removesuffix(".0"), repr(high).removesuffix(".0")
    return Fault(
        (code, f"expected a number from {minimum} to {maximum}, got {excerpt(value)}", None)
    )


def parse_state(value: object) -> JobState:
    """Return the JobState with a given name.

    Args:
        value: A `JobState`, or its string in lower case, as in the interface.

    Raises:
        InvalidValueError: With the code ``wrong_type`` if the value is not a string;
            ``unknown_state`` if no state has that name, with the string as ``value``.

    Example:
        >>> parse_state("queued")
        <JobState.QUEUED: 'queued'>
    """
    result = check_state(value)
    return result.throw() if isinstance(result, Fault) else result


def check_state(value: object) -> JobState | Fault:
    """Return the result of `parse_state`, or a Fault where it would raise."""
    if type(value) is JobState:
        return value
    if type(value) is not str:
        text = as_str(value)
        if text is None:
            return Fault(("wrong_type", f"expected a string, got {excerpt(value)}", None))
        value = text
    if (state := BY_NAME.get(value)) is not None:
        return state
    hint = "" if (near := nearest_state(value)) is None else f"; did you mean '{near}'?"
    return Fault(("unknown_state", f"expected {_NAMES}, got {excerpt(value)}{hint}", value))


def nearest_state(name: str) -> JobState | None:
    """Return the state whose name differs only in case, white space around it or one letter."""
    if len(name) > _MAX_NEAR:
        return None
    name = name.strip().casefold()
    for state, head, tail, forms in _NEAR:
        # One wrong letter leaves the first or the second half intact. Comparing the halves first
        # is cheap, and rejects most names.
        if (name.startswith(head) or name.endswith(tail)) and not forms.isdisjoint(
            _shortened(name)
        ):
            return state
    return None


def _shortened(name: str) -> list[str]:
    """Return a name, and every name that results from deleting one letter.

    If two names differ in one letter, their lists have an item in common.
    """
    return [name, *[name[:index] + name[index + 1 :] for index in range(len(name))]]


_NEAR: Final = [
    (state, name[: len(name) // 2], name[len(name) // 2 :], frozenset(_shortened(name)))
    for state, name in ((state, state.value) for state in JobState)
]


@final
@attrs.frozen
class InRange:
    """An attrs validator for a real number in a range, but not a bool or NaN.

    Args:
        low: The minimum; 0 by default.
        high: The maximum; 100 by default.

    Raises:
        InvalidValueError: With the code ``invalid_option`` if low is above high.

    Example:
        >>> import attrs
        >>> @attrs.frozen
        ... class Disk:
        ...     used: float = attrs.field(validator=InRange(0.0, 1.0))
        >>> Disk(1.5)
        Traceback (most recent call last):
        ...
        jobstatus.errors.InvalidValueError: used: expected a number from 0 to 1, got 1.5
    """

    low: float = MIN_PROGRESS
    high: float = MAX_PROGRESS

    def __attrs_post_init__(self) -> None:
        if not self.low <= self.high:
            message = f"low: must not exceed high, got {self.low!r} and {self.high!r}"
            raise InvalidValueError("invalid_option", message)

    def __call__(self, _: object, attribute: Attribute, value: object) -> None:
        """Check the value of an attribute.

        Raises:
            InvalidValueError: As `parse_progress` does.
        """
        if isinstance(fault := check_progress(value, self.low, self.high), Fault):
            fault.throw(attribute.name)


@final
@attrs.frozen
class WireDate:
    """An attrs validator for a datetime that the wire preserves unchanged.

    The datetime must be aware, with an offset of zero and whole milliseconds. Python and
    JavaScript can both represent every such datetime.

    Example:
        >>> import attrs
        >>> from datetime import UTC, datetime
        >>> @attrs.frozen
        ... class Visit:
        ...     at: datetime = attrs.field(validator=WireDate())
        >>> Visit(datetime(2026, 11, 23, 14, 40, 0, 1, tzinfo=UTC))
        Traceback (most recent call last):
        ...
        jobstatus.errors.InvalidValueError: at: expected whole milliseconds in UTC, got ...
    """

    def __call__(self, _: object, attribute: Attribute, value: object) -> None:
        """Check the value of an attribute.

        Raises:
            InvalidValueError: As `normalize_date` does, and with the code ``invalid_date`` if
                normalising would change the datetime.
        """
        moment = _require_datetime(attribute.name, value)
        if moment.utcoffset() or moment.microsecond % 1000:
            message = f"expected whole milliseconds in UTC, got {excerpt(value)}"
            Fault(("invalid_date", message, None)).throw(attribute.name)


def _require_datetime(name: str, value: object) -> datetime:
    if isinstance(fault := check_datetime(value), Fault):
        fault.throw(name)
    return cast("datetime", value)


def _bound(value: datetime | str) -> datetime | str:
    return value if isinstance(value, str) else _require_datetime("bound", value)


def _check_order(
    bound: datetime | str, instance: object, name: str, value: object, *, later: bool
) -> None:
    moment = _require_datetime(name, value)
    limit = getattr(instance, bound, NOTHING) if isinstance(bound, str) else bound
    if limit is NOTHING:
        message = f"the bound must be the name of a field of this class, got {excerpt(bound)}"
        Fault(("invalid_option", message, None)).throw(name)
    if limit is None:
        return
    other = _require_datetime(str(bound), limit)
    if moment < other if later else moment > other:
        side = "before" if later else "after"
        shown = f"{bound} ({excerpt(limit)})" if isinstance(bound, str) else excerpt(limit)
        message = f"must not be {side} {shown}, got {excerpt(value)}"
        Fault(("out_of_range", message, None)).throw(name)


@final
@attrs.frozen
class NotBefore:
    """An attrs validator for an aware datetime that is not before a bound.

    Args:
        bound: An aware datetime, or the name of another field. If that field is None, every aware
            datetime is accepted.

    Example:
        >>> NotBefore("opens")
        NotBefore(bound='opens')
    """

    bound: datetime | str = attrs.field(converter=_bound)

    def __call__(self, instance: object, attribute: Attribute, value: object) -> None:
        """Check the value of an attribute.

        Raises:
            InvalidValueError: As `normalize_date` does, and with the code ``out_of_range`` if the
                date is earlier than the bound.
        """
        _check_order(self.bound, instance, attribute.name, value, later=True)


@final
@attrs.frozen
class NotAfter:
    """An attrs validator for an aware datetime that is not after a bound.

    Args:
        bound: As in `NotBefore`.

    Example:
        >>> NotAfter("closes")
        NotAfter(bound='closes')
    """

    bound: datetime | str = attrs.field(converter=_bound)

    def __call__(self, instance: object, attribute: Attribute, value: object) -> None:
        """Check the value of an attribute.

        Raises:
            InvalidValueError: As `normalize_date` does, and with the code ``out_of_range`` if the
                date is later than the bound.
        """
        _check_order(self.bound, instance, attribute.name, value, later=False)
