"""The layout of the help pages, which fits narrow terminals.

typer and rich cut names and descriptions off in a terminal of 40 columns.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from textwrap import wrap
from typing import Any, Final, TypeAlias

from typer.core import TyperCommand, TyperGroup

_MAX_WIDTH: Final = 80
_TERM_WIDTH: Final = 26
_TWO_COLUMNS: Final = 60
"""In a narrower terminal, a description is below its term."""

# typer has no public name for the contexts and parameters of its commands.
_Context: TypeAlias = Any
_Entry: TypeAlias = tuple[str, str]


class Command(TyperCommand):
    """A subcommand whose help fits the terminal."""

    def get_usage(self, ctx: _Context) -> str:
        """Return the first line of the help, and of an error."""
        return "\n".join(_usage(self, ctx, []))

    def get_help(self, ctx: _Context) -> str:
        """Return the help."""
        arguments = [(_name(each), each.help) for each in _arguments(self, ctx)]
        return _page(self, ctx, [], {"Arguments": arguments, "Options": _options(self, ctx)})


class Group(TyperGroup):
    """The command, whose help lists its subcommands."""

    def get_usage(self, ctx: _Context) -> str:
        """Return the first line of the help, and of an error."""
        return "\n".join(_usage(self, ctx, ["COMMAND"]))

    def get_help(self, ctx: _Context) -> str:
        """Return the help."""
        commands = [(name, _summary(command)) for name, command in self.commands.items()]
        return _page(self, ctx, ["COMMAND"], {"Options": _options(self, ctx), "Commands": commands})


def _width() -> int:
    return min(shutil.get_terminal_size().columns, _MAX_WIDTH)


def _arguments(command: Any, ctx: _Context) -> list[Any]:
    return [each for each in command.get_params(ctx) if each.param_type_name == "argument"]


def _name(argument: Any) -> str:
    return str(argument.metavar)


def _options(command: Any, ctx: _Context) -> list[_Entry]:
    options = [each for each in command.get_params(ctx) if each.param_type_name == "option"]
    records = [each.get_help_record(ctx) for each in options]
    return [(term, " ".join(text.split())) for term, text in records]


def _summary(command: Any) -> str:
    """Return the first sentence of a command's help."""
    first, _, _ = str(command.help).partition("\n\n")
    return " ".join(first.split())


def _usage(command: Any, ctx: _Context, more: list[str]) -> list[str]:
    names = [_name(argument) for argument in _arguments(command, ctx)]
    words = " ".join(["Usage:", ctx.command_path, "[OPTIONS]", *names, *more])
    return wrap(words, _width(), subsequent_indent="  ", break_on_hyphens=False)


def _page(command: Any, ctx: _Context, more: list[str], sections: dict[str, list[_Entry]]) -> str:
    lines = _usage(command, ctx, more)
    for paragraph in str(command.help).split("\n\n"):
        lines += ["", *wrap(paragraph, _width(), break_on_hyphens=False)]
    for title, entries in sections.items():
        if entries:
            lines += ["", f"{title}:", *_list(entries)]
    return "\n".join(lines)


def _list(entries: Iterable[_Entry]) -> Iterator[str]:
    """Yield the lines of terms and their descriptions."""
    width = _width()
    is_wide = width >= _TWO_COLUMNS
    left = _TERM_WIDTH if is_wide else 6
    for term, text in entries:
        first = "  " + term
        described = wrap(text, width - left, break_on_hyphens=False)
        if is_wide and len(first) <= left - 2:
            first, described = f"{first:<{left}}{described[0]}", described[1:]
        else:
            yield from wrap(first, width, initial_indent="", subsequent_indent="    ")
            first, described = f"{'':<{left}}{described[0]}", described[1:]
        yield first
        for line in described:
            yield f"{'':<{left}}{line}"
