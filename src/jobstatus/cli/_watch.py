"""The subcommand that watches a job over HTTP."""

from __future__ import annotations

import math
from typing import Annotated, Final

import typer

from jobstatus.cli._answer import InvalidArgumentError, Reader, parse_headers
from jobstatus.cli._app import (
    DatesOption,
    IdsOption,
    MaxDepth,
    NullOption,
    NumbersOption,
    States,
    Tolerant,
    UnknownKeysOption,
    app,
    make_codec,
)
from jobstatus.cli._help import Command
from jobstatus.cli._output import complain
from jobstatus.cli._reading import parse_pointer

_EXTRA: Final = "watch needs httpx2: pip install 'jobstatus[watch]'"
_WATCH_HELP = """\
Watch a job over HTTP until it has ended.

On a terminal, a progress bar shows it. Otherwise, each change is a line.

Exit codes: 0 if the job completed, 3 if it failed, 4 if it was cancelled, 124 after the timeout,
130 after Ctrl-C, 2 if the job cannot be watched.
"""


def _parse_timeout(seconds: float | None) -> float | None:
    if seconds is not None and not (0 < seconds < math.inf):
        raise typer.BadParameter("expected a number of seconds, more than 0")
    return seconds


@app.command(help=_WATCH_HELP, cls=Command)
def watch(  # noqa: PLR0913 - one for each option
    url: Annotated[str, typer.Argument(metavar="URL", help="The URL of the job.")],
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print each change as a line of JSON.")
    ] = False,
    header: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME:VALUE|@FILE",
            help="A header, or a file with a header on each line; may be repeated. Other users of"
            " the machine can see arguments, so keep secrets in a file.",
            show_default=False,
        ),
    ] = None,
    timeout: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            help="Maximum duration of the whole run.",
            callback=_parse_timeout,
            show_default=False,
        ),
    ] = None,
    pointer: Annotated[
        str,
        typer.Option(
            metavar="POINTER",
            help="JSON Pointer of the job in each answer, such as /data/job.",
            show_default=False,
            callback=parse_pointer,
        ),
    ] = "",
    id: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            help="The id of the job. By default, any id, and the last segment of the URL if an "
            "answer has none.",
            show_default=False,
        ),
    ] = None,
    tolerant: Tolerant = False,
    null: NullOption = None,
    unknown_keys: UnknownKeysOption = "ignore",
    ids: IdsOption = None,
    numbers: NumbersOption = None,
    dates: DatesOption = None,
    state: States = None,
    max_depth: MaxDepth = 64,
) -> None:
    """Run ``jobstatus watch``."""
    codec = make_codec(
        tolerant=tolerant,
        state=state,
        null=null,
        unknown_keys=unknown_keys,
        ids=ids,
        numbers=numbers,
        dates=dates,
        max_depth=max_depth,
    )
    try:
        headers = parse_headers(header or [])
    except InvalidArgumentError as error:
        raise typer.BadParameter(str(error), param_hint="'--header'") from None
    reader = Reader(codec, pointer, id)
    try:
        from jobstatus.cli._session import Session
    except ImportError as error:
        if (error.name or "").partition(".")[0] != "httpx2":
            raise
        complain(_EXTRA)
        raise typer.Exit(2) from None
    raise typer.Exit(Session(url, reader, headers, timeout, as_json).run())
