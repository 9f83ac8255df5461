"""The output of ``jobstatus watch``: a progress bar, plain lines or NDJSON.

A payload is untrusted. No control character of one reaches the terminal.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, Protocol, final

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from jobstatus._states import JobState
from jobstatus._status import JobStatus
from jobstatus._untrusted import printable
from jobstatus.cli._output import complain
from jobstatus.dates import format_date
from jobstatus.lifecycle import STANDARD

_MAX_NAME: Final = 20
_MAX_ERROR: Final = 1000
_STYLES: Final = MappingProxyType(
    {
        JobState.QUEUED: "yellow",
        JobState.PROCESSING: "cyan",
        JobState.COMPLETED: "green",
        JobState.FAILED: "bold red",
        JobState.CANCELLED: "magenta",
    }
)
_OUTCOMES: Final = STANDARD.terminal


class Screen(Protocol):
    """Shows a job. Used as a context manager."""

    def __enter__(self) -> object:
        """Begin."""

    def __exit__(self, *_: object) -> None:
        """End, and leave the terminal as it was."""

    def show(self, job: JobStatus) -> None:
        """Show a change."""

    def note(self, text: str) -> None:
        """Print a reason to wait."""


class _Lines:
    """Prints notes on standard error."""

    def __enter__(self) -> object:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def note(self, text: str) -> None:
        complain(text)


@final
class PlainLines(_Lines):
    """Prints a line of text for each change."""

    def show(self, job: JobStatus) -> None:
        """Print the line."""
        parts = [job.status.value]
        if job.progress is not None:
            parts.append(_percent(job.progress))
        if job.estimated_completion is not None:
            parts.append(f"ends {format_date(job.estimated_completion)}")
        typer.echo(f"{_name(job)}: {', '.join(parts)}{_error(job)}")


@final
class JsonLines(_Lines):
    """Prints the JSON of each change on a line.

    On a terminal, it also escapes the characters that JSON allows but that are not printable.
    """

    def __init__(self, *, is_terminal: bool) -> None:
        self._is_terminal = is_terminal

    def show(self, job: JobStatus) -> None:
        """Print the line."""
        text = job.to_json()
        if self._is_terminal and not text.isprintable():
            text = "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)
        typer.echo(text)


@final
class Bar:
    """Shows a progress bar, with the time since the start and the time that is left.

    Args:
        console: The terminal.
        clock: Returns seconds.
        now: Returns the time of day.
    """

    def __init__(
        self,
        console: Console,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._console = console
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            _StateColumn(),
            BarColumn(bar_width=20),
            TextColumn("{task.fields[percent]}", markup=False),
            TimeElapsedColumn(),
            _EstimateColumn(now),
            console=console,
            get_time=clock,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task = self._progress.add_task("", total=None, percent="", job=None)
        self._job: JobStatus | None = None

    def __enter__(self) -> object:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        try:
            if self._job is None or self._job.status not in _OUTCOMES:
                self._progress.stop_task(self._task)
            self._progress.stop()
        finally:
            self._console.show_cursor()
        job = self._job
        if job is not None and job.status in _OUTCOMES and (error := _error(job)):
            self._console.print(Text(f"{job.status}{error}", _STYLES[job.status]))

    def show(self, job: JobStatus) -> None:
        """Move the bar."""
        self._job = job
        progress = job.progress
        self._progress.update(
            self._task,
            description=_name(job),
            total=None if progress is None else 100.0,
            completed=progress or 0.0,
            percent="" if progress is None else _percent(progress),
            job=job,
        )
        if job.status in _OUTCOMES:
            self._progress.stop_task(self._task)

    def note(self, text: str) -> None:
        """Print the text above the bar."""
        self._console.print(Text(text, "yellow"))

    def render(self) -> Any:
        """Return the bar as it is now, for rich."""
        return self._progress.get_renderable()


@final
class _StateColumn(ProgressColumn):
    """The state, in its colour."""

    def render(self, task: Task) -> Text:
        job: JobStatus | None = task.fields["job"]
        return Text("connecting", "dim") if job is None else Text(job.status, _STYLES[job.status])


@final
class _EstimateColumn(ProgressColumn):
    """The time until the estimated completion."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._now = now

    def render(self, task: Task) -> Text:
        job: JobStatus | None = task.fields["job"]
        if job is None or job.estimated_completion is None:
            return Text()
        left = max((job.estimated_completion - self._now()).total_seconds(), 0.0)
        return Text(f"{timedelta(seconds=int(left))} left", "dim")


def make_screen(*, as_json: bool) -> Screen:
    """Return the screen for the standard output of this process."""
    console = Console(highlight=False, markup=False, emoji=False)
    is_terminal = console.file.isatty()
    if as_json:
        return JsonLines(is_terminal=is_terminal)
    if is_terminal and console.is_terminal and not console.is_dumb_terminal:
        return Bar(console)
    return PlainLines()


def _percent(progress: float) -> str:
    return f"{int(progress)}%"  # rounded down, so that only a whole job has 100%


def _name(job: JobStatus) -> str:
    name = printable(job.id)
    return name if len(name) <= _MAX_NAME else f"{name[: _MAX_NAME - 1]}…"


def _error(job: JobStatus) -> str:
    if job.error is None:
        return ""
    rest = "..." if len(job.error) > _MAX_ERROR else ""
    return f": {printable(job.error[:_MAX_ERROR])}{rest}"
