"""What a column is: a library, and the ways to use it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import KW_ONLY, dataclass
from typing import Any, Final

YES: Final = "✓"
CODE: Final = "code"
STEPS: Final = {"processing": "start", "completed": "complete"}
"""The step that leads to a state."""


@dataclass(frozen=True)
class Way:
    """How a library is used, and what it offers then; what is None is not there."""

    mark: str
    """What a cell says of it."""
    _: KW_ONLY
    read: Callable[[bytes], Any] | None = None
    write: Callable[[Any], bytes | str] | None = None
    places: Callable[[Any], set[str]] | None = None
    """The members that an error of reading names."""
    make: Callable[..., Any] | None = None
    """A class that takes id, status and progress."""
    walk: Callable[[list[str]], object] | None = None
    """A new job taken through states."""
    typed: str | None = None
    """The same as a program, in which one line is an illegal move."""
    join: Callable[[Iterable[bytes]], Any] | None = None
    """The state of a job whose messages came in any order."""
    illegal_history: Callable[[], Any] | None = None
    schema: Callable[[], object] | None = None
    typescript: Callable[[], str] | None = None
    own: Callable[[], object] | None = None
    """A type of one's own read, or a state of one's own entered."""
    richer: Callable[[], bool] | None = None
    """A step with a guard and a callback, into a state within a state."""


@dataclass(frozen=True)
class Library:
    """A column of the table."""

    name: str
    ways: tuple[Way, ...]
    """The least effort first."""
    figures: tuple[tuple[str, str], ...] = ()
    """Rows of the benchmark's results, each with what to say of it."""


def whole(progress: float | None) -> Any:  # else pydantic writes what it says
    """Return a whole number as an int, which every encoder writes without a fraction."""
    return int(progress) if progress is not None and progress.is_integer() else progress
