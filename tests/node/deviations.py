"""The inputs that V8 accepts and this library rejects on purpose, as in docs/wire-format.md."""

from __future__ import annotations

import json
import re
import sys
from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final, cast

from tests.node.peer import milliseconds

# ECMA-262, "Date Time String Format", with a fraction of any length. A string with a number out of
# range does not match the format, so an engine may guess: V8 reads 0001-13 as 13 January 2001. The
# format allows the days 29 to 31 in every month.
_FORMAT = re.compile(
    """
    (?P<year> [0-9]{4} | [+-][0-9]{6})
    ( - (?P<month> 0[1-9] | 1[0-2]) ( - (?P<day> 0[1-9] | [12][0-9] | 3[01]) )? )?
    (?P<time>
        T ([01][0-9] | 2[0-4]) : [0-5][0-9] ( : [0-5][0-9] ( [.] (?P<fraction> [0-9]+) )? )?
        (?P<offset> Z | [+-] ([01][0-9] | 2[0-3]) : [0-5][0-9])?
    )?
    """,
    re.VERBOSE,
)
_FIRST = milliseconds(datetime.min.replace(tzinfo=UTC))
_LAST = milliseconds(datetime.max.replace(tzinfo=UTC))
_GREGORIAN_CYCLE = 400
_DEEPEST = 64
_MAX_DIGITS = 9


def _local(text: str, _: int) -> bool:
    match = _FORMAT.fullmatch(text)
    return match is not None and match["time"] is not None and match["offset"] is None


def _no_such_day(text: str, _: int) -> bool:
    match = _FORMAT.fullmatch(text)
    if match is None or match["day"] is None:
        return False
    year = int(match["year"]) % _GREGORIAN_CYCLE + _GREGORIAN_CYCLE
    return int(match["day"]) > monthrange(year, int(match["month"]))[1]


def _far_year(text: str, time: int) -> bool:
    match = _FORMAT.fullmatch(text)
    return match is not None and not (1 <= int(match["year"]) <= 9999 and _FIRST <= time <= _LAST)


def _long_fraction(text: str, _: int) -> bool:
    match = _FORMAT.fullmatch(text)
    return match is not None and len(match["fraction"] or "") > _MAX_DIGITS


def _guessed(text: str, _: int) -> bool:
    return _FORMAT.fullmatch(text) is None


# For each deviation, whether it applies to a string that new Date reads, and to its milliseconds.
DATES: Final[Mapping[str, Callable[[str, int], bool]]] = MappingProxyType(
    {
        "a date and time without an offset": _local,
        "`2026-02-30T00:00Z`, days that do not exist": _no_such_day,
        "years outside 0001 to 9999": _far_year,
        "a fraction of more than nine digits": _long_fraction,
        "RFC 2822 and other dates that `Date.parse` guesses": _guessed,
    }
)
NESTING: Final = "nesting deeper than 64"
NUMBER: Final = "a date given as a number of milliseconds"


def of_date(text: str, time: int) -> set[str]:
    """Return the deviations that apply to a string that ``new Date`` reads in UTC."""
    return {name for name, applies in DATES.items() if applies(text, time)}


def of_document(document: bytes, written: str | float | None, time: int | None) -> set[str]:
    """Return the deviations that apply to a document that Node's strict reader accepts."""
    names: set[str] = set()
    if _depth(document) > _DEEPEST:
        names.add(NESTING)
    if isinstance(written, str) and time is not None:
        names |= of_date(written, time)
    elif written is not None:
        names.add(NUMBER)
    return names


def _depth(document: bytes) -> int:
    # Like the library, this counts levels of values, not brackets. It parses objects as pairs,
    # because a dict would lose the earlier values of duplicate keys.
    try:
        levels = [json.loads(document, object_pairs_hook=tuple, parse_int=float)]
    except RecursionError:
        return sys.maxsize
    depth = 0
    while levels := [inner for value in levels for inner in _inside(value)]:
        depth += 1
    return depth


def _inside(value: object) -> list[object]:
    """Return the values in an array or object, and a None so that an empty one counts too."""
    if isinstance(value, tuple):
        pairs = cast("tuple[tuple[str, object], ...]", value)
        return [None, *(inner for _, inner in pairs)]
    return [None, *cast("list[object]", value)] if isinstance(value, list) else []
