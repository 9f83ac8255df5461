"""The reading policy: which deviations from the interface a reader accepts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal, TypeAlias, get_args

import attrs

from jobstatus._untrusted import excerpt
from jobstatus.dates import check_date, check_iso8601_date
from jobstatus.errors import InvalidValueError

Null: TypeAlias = Literal["reject", "absent"]
UnknownKeys: TypeAlias = Literal["ignore", "reject"]
Dates: TypeAlias = Literal["ecmascript", "iso8601"]

MAX_DEPTH: Final = 500
"""The largest `max_depth` allowed: half of CPython's default recursion limit."""

DATE_CHECKS: Final[dict[Dates, Callable[[object], object]]] = {
    "ecmascript": check_date,
    "iso8601": check_iso8601_date,
}
"""The check of a date string for each value of the option."""


@attrs.frozen(kw_only=True, getstate_setstate=False)
class Policy:
    """The options of a reader; `jobstatus.Codec` documents them."""

    null: Null = "reject"
    unknown_keys: UnknownKeys = "ignore"
    dates: Dates = "ecmascript"
    max_depth: int = 64
    max_problems: int = 1_000

    def __attrs_pre_init__(self) -> None:
        if hasattr(self, "max_depth"):  # a second __init__ would change a shared value
            raise attrs.exceptions.FrozenInstanceError

    def __attrs_post_init__(self) -> None:
        for name, options in (("null", Null), ("unknown_keys", UnknownKeys), ("dates", Dates)):
            if (given := getattr(self, name)) not in (allowed := get_args(options)):
                raise invalid_option(name, " or ".join(map(repr, allowed)), given)
        depth: object = self.max_depth
        if type(depth) is not int or not 1 <= depth <= MAX_DEPTH:
            raise invalid_option("max_depth", f"an int from 1 to {MAX_DEPTH}", depth)
        problems: object = self.max_problems
        if type(problems) is not int or problems < 1:
            raise invalid_option("max_problems", "an int from 1", problems)

    def __reduce__(self) -> tuple[object, ...]:
        return _unpickle, (type(self), attrs.asdict(self))


def _unpickle(cls: type[Policy], options: dict[str, Any]) -> Policy:
    return cls(**options)


def invalid_option(name: str, expected: str, given: object) -> InvalidValueError:
    """Return the error for an invalid option."""
    message = f"{name}: expected {expected}, got {excerpt(given)}"
    return InvalidValueError("invalid_option", message)


DEFAULT_POLICY: Final = Policy()
