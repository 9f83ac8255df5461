"""The peer, and the helpers that several peers share: careful readers and writers of a date."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from benchmarks.payloads import Created
from jobstatus import JobState

ABSENT: Final[Any] = None
"""The default of a field whose type lacks None: null is rejected, and the key may be absent."""
STATES: Final[dict[str, JobState]] = {state.value: state for state in JobState}
"""The states by name: a lookup in a dict is faster than a call of the enum."""


def do_nothing() -> None:
    """Prepare nothing."""


@dataclass(frozen=True, kw_only=True)
class Peer:
    """A way to read and write jobs, and the additions that made it exact.

    `create` and `step` make a job, or take it from queued to completed, for each of some arguments.
    """

    name: str
    needs: str
    decode: Callable[[bytes], Any]
    encode: Callable[[Any], str | bytes]
    decode_array: Callable[[bytes], list[Any]]
    encode_array: Callable[[list[Any]], str | bytes]
    decode_lines: Callable[[bytes], list[Any]]
    read_problems: Callable[[Any], object] = str
    create: Callable[[list[Created]], None] | None = None
    step: Callable[[list[Created]], None] | None = None
    prepare: Callable[[], None] = do_nothing
    absent: object = None
    is_ours: bool = False
    except_for: tuple[str, ...] = ()


def each_line(decode: Callable[[bytes], Any]) -> Callable[[bytes], list[Any]]:
    """Return a reader of lines for a library that has none."""

    def decode_lines(data: bytes) -> list[Any]:
        return [decode(line) for line in data.splitlines()]

    return decode_lines


def read_text(value: object) -> str:
    """Return a string, and reject all else."""
    if type(value) is not str:
        raise ValueError("expected a string")
    return value


def read_progress(value: object) -> float:
    """Return a number from 0 to 100, and reject bools and NaN."""
    if (type(value) is not float and type(value) is not int) or not 0 <= value <= 100:  # noqa: PLR2004 - the contract's
        raise ValueError("expected a number from 0 to 100")
    return float(value)


def read_date(text: str) -> datetime:
    """Return the instant of a date with an offset, in UTC, truncated to milliseconds."""
    return normalize(datetime.fromisoformat(text))


def normalize(moment: datetime) -> datetime:
    """Return an aware datetime in UTC, truncated to milliseconds."""
    if moment.tzinfo is not UTC:
        if moment.tzinfo is None:
            raise ValueError("expected an offset")
        moment = moment.astimezone(UTC)
    excess = moment.microsecond % 1000
    return moment.replace(microsecond=moment.microsecond - excess) if excess else moment


def write_date(moment: datetime) -> str:
    """Return a datetime in UTC as toISOString writes it."""
    return moment.isoformat("T", "milliseconds").replace("+00:00", "Z")
