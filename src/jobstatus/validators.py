"""The rules of the fields, for JobStatus and for users' own classes.

The functions check a value and return it normalised; they serve as attrs converters. The classes
are attrs validators: they check and change nothing, and refuse with the field's name first. On a
user's class `attrs.validators.set_disabled` switches validators off, as it does attrs' own, and
leaves converters on; a JobStatus does not depend on it.

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

from datetime import datetime
from typing import Any, cast, final

import attrs
from attrs import NOTHING

from jobstatus._foreign import excerpt
from jobstatus._scalars import LEAST_PROGRESS, MOST_PROGRESS, parse_progress, parse_text
from jobstatus._states import parse_state
from jobstatus.dates import normalize_date
from jobstatus.errors import InvalidValueError

__all__ = [
    "InRange",
    "NotAfter",
    "NotBefore",
    "WireDate",
    "parse_progress",
    "parse_state",
    "parse_text",
]


def _named(name: str, error: InvalidValueError) -> InvalidValueError:
    return InvalidValueError(error.code, f"{name}: {error.message}", error.value)


@final
@attrs.frozen
class InRange:
    """An attrs validator: a real number in a range; never a bool or NaN.

    Args:
        low: The least number allowed; 0 if not given.
        high: The greatest number allowed; 100 if not given.

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

    low: float = LEAST_PROGRESS
    high: float = MOST_PROGRESS

    def __attrs_post_init__(self) -> None:
        if not self.low <= self.high:
            message = f"range: expected low not above high, got {self.low!r} and {self.high!r}"
            raise InvalidValueError("invalid_option", message)

    def __call__(self, _: object, attribute: attrs.Attribute[Any], value: object) -> None:
        """Check the value of an attribute.

        Raises:
            InvalidValueError: As `parse_progress` does.
        """
        try:
            parse_progress(value, low=self.low, high=self.high)
        except InvalidValueError as error:
            raise _named(attribute.name, error) from None


@final
@attrs.frozen
class WireDate:
    """An attrs validator: a datetime that crosses the wire unchanged.

    It is aware, at UTC's offset of zero, of whole milliseconds and, as every such datetime,
    representable on both sides.

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

    def __call__(self, _: object, attribute: attrs.Attribute[Any], value: object) -> None:
        """Check the value of an attribute.

        Raises:
            InvalidValueError: As `normalize_date` does, and with the code ``invalid_date`` for a
                datetime that normalising would change.
        """
        moment = _moment(attribute.name, value)
        if moment.utcoffset() or moment.microsecond % 1000:
            message = f"expected whole milliseconds in UTC, got {excerpt(value)}"
            raise _named(attribute.name, InvalidValueError("invalid_date", message))


def _moment(name: str, value: object) -> datetime:
    try:
        normalize_date(value)
    except InvalidValueError as error:
        raise _named(name, error) from None
    return cast("datetime", value)


def _bound(value: datetime | str) -> datetime | str:
    return value if isinstance(value, str) else _moment("bound", value)


def _check_order(
    bound: datetime | str, instance: object, name: str, value: object, *, later: bool
) -> None:
    moment = _moment(name, value)
    limit = getattr(instance, bound, NOTHING) if isinstance(bound, str) else bound
    if limit is NOTHING:
        message = f"expected the name of a field as its bound, got {excerpt(bound)}"
        raise _named(name, InvalidValueError("invalid_option", message))
    if limit is None:
        return
    other = _moment(str(bound), limit)
    if moment < other if later else moment > other:
        side = "before" if later else "after"
        whose = f"{bound}, " if isinstance(bound, str) else ""
        message = f"expected a date not {side} {whose}{excerpt(limit)}, got {excerpt(value)}"
        raise _named(name, InvalidValueError("out_of_range", message))


@final
@attrs.frozen
class NotBefore:
    """An attrs validator: an aware datetime not before a moment, or not before another field.

    Args:
        bound: An aware datetime, or the name of another field. If that field is None there is no
            bound.

    Example:
        >>> NotBefore("opens")
        NotBefore(bound='opens')
    """

    bound: datetime | str = attrs.field(converter=_bound)

    def __call__(self, instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
        """Check the value of an attribute.

        Raises:
            InvalidValueError: As `normalize_date` does, and with the code ``out_of_range`` for an
                earlier date.
        """
        _check_order(self.bound, instance, attribute.name, value, later=True)


@final
@attrs.frozen
class NotAfter:
    """An attrs validator: an aware datetime not after a moment, or not after another field.

    Args:
        bound: As that of `NotBefore`.

    Example:
        >>> NotAfter("closes")
        NotAfter(bound='closes')
    """

    bound: datetime | str = attrs.field(converter=_bound)

    def __call__(self, instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
        """Check the value of an attribute.

        Raises:
            InvalidValueError: As `normalize_date` does, and with the code ``out_of_range`` for a
                later date.
        """
        _check_order(self.bound, instance, attribute.name, value, later=False)
