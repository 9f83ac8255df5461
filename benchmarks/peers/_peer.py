"""What a peer is, and what all of them share: how somebody careful reads and writes a date."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from jobstatus import JobState

ABSENT: Final[Any] = None
"""The default of a field whose type has no None: null is refused, and the key may be absent."""
STATES: Final[dict[str, JobState]] = {state.value: state for state in JobState}
"""The states by name, for a look into a dict is quicker than a call of the enum."""


def do_nothing() -> None:
    """Prepare nothing."""


def tell_one(_: Exception) -> int:
    """Return how many problems an error tells of: the first only."""
    return 1


@dataclass(frozen=True, kw_only=True)
class Peer:
    """A way to read and write the payloads, and what had to be added to make it exact."""

    name: str
    packages: tuple[str, ...]
    needs: str
    decode: Callable[[bytes], Any]
    encode: Callable[[Any], bytes]
    decode_array: Callable[[bytes], list[Any]]
    encode_array: Callable[[list[Any]], bytes]
    decode_lines: Callable[[bytes], list[Any]]
    encode_lines: Callable[[list[Any]], bytes]
    prepare: Callable[[], None] = do_nothing
    problems: Callable[[Any], int] = tell_one
    absent: object = None
    is_ours: bool = False
    except_for: tuple[str, ...] = ()


def each_line(decode: Callable[[bytes], Any]) -> Callable[[bytes], list[Any]]:
    """Return how lines are read where a library has nothing of its own for them."""

    def decode_lines(data: bytes) -> list[Any]:
        return [decode(line) for line in data.splitlines()]

    return decode_lines


def to_lines(encode: Callable[[Any], bytes]) -> Callable[[Iterable[Any]], bytes]:
    """Return how lines are written where a library has nothing of its own for them."""

    def encode_lines(jobs: Iterable[Any]) -> bytes:
        return b"".join([encode(job) + b"\n" for job in jobs])

    return encode_lines


def read_text(value: object) -> str:
    """Return a string, and refuse all else."""
    if type(value) is not str:
        raise ValueError("expected a string")
    return value


def read_progress(value: object) -> float:
    """Return a number from 0 to 100; a bool is none, and NaN is in no range."""
    if (type(value) is not float and type(value) is not int) or not 0 <= value <= 100:  # noqa: PLR2004 - the contract's
        raise ValueError("expected a number from 0 to 100")
    return float(value)


def read_date(text: str) -> datetime:
    """Return the instant of a date with an offset, in UTC, cut to milliseconds."""
    return normalize(datetime.fromisoformat(text))


def normalize(moment: datetime) -> datetime:
    """Return an aware datetime in UTC, cut to milliseconds."""
    if moment.tzinfo is not UTC:
        if moment.tzinfo is None:
            raise ValueError("expected an offset")
        moment = moment.astimezone(UTC)
    excess = moment.microsecond % 1000
    return moment.replace(microsecond=moment.microsecond - excess) if excess else moment


def write_date(moment: datetime) -> str:
    """Return a datetime in UTC as toISOString writes it, the quickest of the usual ways."""
    return moment.isoformat("T", "milliseconds").replace("+00:00", "Z")
