"""The subcommand that explains the code of a problem or a finding."""

from __future__ import annotations

import shutil
from textwrap import fill
from typing import Annotated, Final

import typer

from jobstatus.cli._app import app
from jobstatus.cli._codes import EXPLANATIONS, Code, complete_code, parse_code
from jobstatus.cli._help import Command
from jobstatus.cli._output import write
from jobstatus.history import SEVERITIES

_EXPLAIN_HELP: Final = """\
Explain the code of a problem or a finding, and what to do.

Without a code, list all codes.
"""
_MAX_WIDTH: Final = 80
_CODE_WIDTH: Final = max(map(len, EXPLANATIONS))


@app.command(help=_EXPLAIN_HELP, cls=Command)
def explain(
    code: Annotated[
        str | None,
        typer.Argument(
            metavar="[CODE]",
            help="The code, such as null or outcome_replaced.",
            autocompletion=complete_code,
        ),
    ] = None,
) -> None:
    """Run ``jobstatus explain``."""
    if code is None:
        for each in EXPLANATIONS:
            write(f"{each:<{_CODE_WIDTH}}  {_kind(each)}")
        return
    known = parse_code("CODE", code)
    explanation = EXPLANATIONS[known]
    paragraphs = [f"{known}: {_kind(known)}", explanation.meaning]
    if explanation.example:
        paragraphs.append(f"Example: {explanation.example}")
    paragraphs.append(f"What to do: {explanation.advice}")
    width = min(shutil.get_terminal_size().columns, _MAX_WIDTH)
    write("\n\n".join(fill(text, width, break_on_hyphens=False) for text in paragraphs))


def _kind(code: Code) -> str:
    severities = [severity for name, severity in SEVERITIES.items() if name == code]
    return f"finding, {severities[0]}" if severities else "problem"
