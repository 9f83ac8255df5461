"""Lines of output: colours, counts, and annotations for GitHub."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias

import typer

from jobstatus.history import Severity

OutputFormat: TypeAlias = Literal["text", "json", "github"]

Style: TypeAlias = Literal["place", "code", "label", Severity]

_COLORS: Final[Mapping[Style, str]] = {
    "place": "bright_blue",
    "code": "magenta",
    "label": "cyan",
    "error": "red",
    "warning": "yellow",
    "note": "green",
}
_ANNOTATIONS: Final[Mapping[Severity, str]] = {
    "error": "error",
    "warning": "warning",
    "note": "notice",
}
_LABEL_WIDTH: Final = 10


def is_terminal() -> bool:
    """Return whether people read standard output: on a terminal, or with FORCE_COLOR."""
    if os.environ.get("FORCE_COLOR"):
        return True
    has_reader: bool = getattr(sys.stdout, "isatty", bool)()
    return has_reader and os.environ.get("TERM") != "dumb"


def has_color() -> bool:
    """Return whether output has colours: for people, unless NO_COLOR is set.

    CPython lets NO_COLOR win over FORCE_COLOR too.
    """
    return is_terminal() and not os.environ.get("NO_COLOR")


def paint(text: str, style: Style) -> str:
    """Return text in the colour of a style."""
    return typer.style(text, fg=_COLORS[style], bold=style in _ANNOTATIONS or None)


def write(text: str) -> None:
    """Write a line to standard output at once."""
    # All control characters of the input are escaped, so the only ones are our colours. With None,
    # typer would search each line for them.
    typer.echo(text, color=True)


def complain(text: str) -> None:
    """Write a line to standard error."""
    typer.echo(f"jobstatus: {text}", err=True)


def label(name: str, *, color: bool) -> str:
    """Return the first column of a summary."""
    text = f"{name + ':':<{_LABEL_WIDTH}}"
    return paint(text, "label") if color else text


def count(number: int, singular: str, plural: str = "") -> str:
    """Return a number with its noun.

    Example:
        >>> count(1, "error"), count(66_668, "error")
        ('1 error', '66,668 errors')
    """
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def tally(counts: Mapping[Any, int]) -> str:
    """Return counts with their names, the greatest first.

    Example:
        >>> tally({"null": 2, "missing": 50_001})
        '50,001 missing, 2 null'
    """
    ordered = sorted(counts, key=lambda name: (-counts[name], name))
    return ", ".join(f"{counts[name]:,} {name}" for name in ordered)


def annotation(
    severity: Severity, message: str, *, title: str, file: str | None = None, line: int = 0
) -> str:
    """Return a workflow command of GitHub Actions, which shows a message beside a line of a file.

    Example:
        >>> annotation("note", "100% done", title="jobstatus")
        '::notice title=jobstatus::100%25 done'
    """
    place = "" if file is None else f"file={_escape_property(file)},line={line},"
    text = f"{place}title={_escape_property(title)}::{_escape(message)}"
    return f"::{_ANNOTATIONS[severity]} {text}"


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")
