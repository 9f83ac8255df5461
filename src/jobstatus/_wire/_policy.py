"""The reading policy: which deviations from the interface a reader accepts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final, Literal, TypeAlias, get_args

import attrs

from jobstatus._states import BY_NAME, JobState, StateName
from jobstatus._untrusted import excerpt
from jobstatus._wire._deviations import check_id, check_numeric_text, make_check_state
from jobstatus.dates import check_any_date, check_date, check_iso8601_date, check_milliseconds
from jobstatus.errors import Fault, InvalidValueError, alternatives
from jobstatus.lifecycle import Check
from jobstatus.validators import check_progress, check_state, check_text

Null: TypeAlias = Literal["reject", "absent"]
UnknownKeys: TypeAlias = Literal["ignore", "reject", "keep"]
Ids: TypeAlias = Literal["text", "number"]
Numbers: TypeAlias = Literal["number", "text"]
Dates: TypeAlias = Literal["ecmascript", "iso8601", "any", "milliseconds"]
States: TypeAlias = Mapping[str, JobState | StateName]

MAX_DEPTH: Final = 500
"""The largest `max_depth` allowed: half of CPython's default recursion limit."""

_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "null": get_args(Null),
    "unknown_keys": get_args(UnknownKeys),
    "ids": get_args(Ids),
    "numbers": get_args(Numbers),
    "dates": get_args(Dates),
}
_ID_CHECKS: Final[Mapping[Ids, Check]] = {"text": check_text, "number": check_id}
_PROGRESS_CHECKS: Final[Mapping[Numbers, Check]] = {
    "number": check_progress,
    "text": check_numeric_text,
}
_DATE_CHECKS: Final[Mapping[Dates, Check]] = {
    "ecmascript": check_date,
    "iso8601": check_iso8601_date,
    "any": check_any_date,
    "milliseconds": check_milliseconds,
}


def _read_states(states: States) -> tuple[tuple[str, JobState], ...]:
    given: Any = states  # attrs.evolve gives the pairs of the attribute
    try:
        pairs = dict[object, object](given)
    except Exception:  # noqa: BLE001 - an untrusted mapping
        raise invalid_option("states", "a mapping of names to states", states) from None
    read: dict[str, JobState] = {}
    for name, target in pairs.items():
        text, state = check_text(name), check_state(target)
        if isinstance(text, Fault) or text in BY_NAME:
            raise invalid_option("states", "names other than those of the interface", name)
        if not isinstance(state, JobState):
            raise invalid_option(f"states[{excerpt(name)}]", alternatives(JobState), target)
        read[text] = state
    return tuple(sorted(read.items()))


def _show_states(states: tuple[tuple[str, JobState], ...]) -> str:
    return excerpt({name: state.value for name, state in states})


@attrs.frozen(kw_only=True, getstate_setstate=False)
class Policy:
    """The options of a reader; `jobstatus.Codec` documents them."""

    null: Null = "reject"
    unknown_keys: UnknownKeys = "ignore"
    ids: Ids = "text"
    numbers: Numbers = "number"
    dates: Dates = "ecmascript"
    states: tuple[tuple[str, JobState], ...] = attrs.field(
        default=(), converter=_read_states, repr=_show_states
    )
    max_depth: int = 64
    max_problems: int = 1_000

    def __attrs_pre_init__(self) -> None:
        if hasattr(self, "max_depth"):  # a second __init__ would change a shared value
            raise attrs.exceptions.FrozenInstanceError

    def __attrs_post_init__(self) -> None:
        for name, allowed in _CHOICES.items():
            given = getattr(self, name)
            if type(given) is not str or given not in allowed:
                raise invalid_option(name, alternatives(map(repr, allowed)), given)
        depth: object = self.max_depth
        if type(depth) is not int or not 1 <= depth <= MAX_DEPTH:
            raise invalid_option("max_depth", f"an int from 1 to {MAX_DEPTH}", depth)
        problems: object = self.max_problems
        if type(problems) is not int or problems < 1:
            raise invalid_option("max_problems", "an int from 1", problems)

    @cached_property
    def _checks(self) -> tuple[Check, ...]:
        """The rule of each field, in the order of the interface."""
        return (
            _ID_CHECKS[self.ids],
            make_check_state(dict(self.states)) if self.states else check_state,
            _PROGRESS_CHECKS[self.numbers],
            _DATE_CHECKS[self.dates],
            check_text,
        )

    def __reduce__(self) -> tuple[object, ...]:
        return _unpickle, (type(self), attrs.asdict(self))


def _unpickle(cls: type[Policy], options: dict[str, Any]) -> Policy:
    return cls(**options)


def invalid_option(name: str, expected: str, given: object) -> InvalidValueError:
    """Return the error for an invalid option."""
    message = f"{name}: expected {expected}, got {excerpt(given)}"
    return InvalidValueError("invalid_option", message)


DEFAULT_POLICY: Final = Policy()
