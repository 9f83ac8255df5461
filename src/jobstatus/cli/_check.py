"""The subcommand that checks files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from io import BufferedReader
from typing import Annotated, Any

import attrs
import typer

from jobstatus._status import JobStatus
from jobstatus._untrusted import printable
from jobstatus._wire import MAX_DEPTH
from jobstatus.cli._app import LIFECYCLES, Followed, States, app, parse_states
from jobstatus.cli._hint import Hint
from jobstatus.cli._input import UnreadableError, opened
from jobstatus.cli._report import OutputFormat, Report
from jobstatus.codec import DEFAULT, TOLERANT, Codec, Dates, Ids, Null, Numbers, UnknownKeys
from jobstatus.errors import InvalidValueError
from jobstatus.history import Audit
from jobstatus.streams._stream import Located, read_located

# Help texts are not docstrings, because python -OO strips those.
# Help texts are not docstrings, because python -OO strips those.
_CHECK_HELP = """\
Check payloads and job histories, and print all problems and a summary.

A problem with a payload: FILE:LINE: MESSAGE [CODE]. A finding in a history: FILE:LINE:
SEVERITY: JOB: MESSAGE [CODE]. For an array, the JSON Pointer of the item follows FILE:LINE. The
files are one history, in the given order.

Exit codes: 2 for an unreadable file or a failed write, otherwise 1 for a problem or a finding
of severity error, otherwise 0.
"""


@app.command(help=_CHECK_HELP)
def check(  # noqa: PLR0913 - one for each option
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...",
            help="NDJSON or other JSON values, a JSON array, or a JSON text sequence; - for stdin.",
        ),
    ],
    *,
    tolerant: Annotated[
        bool,
        typer.Option(
            "--tolerant", help="As --null absent --ids number --numbers text --dates any."
        ),
    ] = False,
    null: Annotated[
        Null | None,
        typer.Option(help="Meaning of null for an optional key.", show_default="reject"),
    ] = None,
    unknown_keys: Annotated[
        UnknownKeys, typer.Option(help="Treatment of unknown keys.")
    ] = "ignore",
    ids: Annotated[
        Ids | None, typer.Option(help="Types of ids, besides text.", show_default="text")
    ] = None,
    numbers: Annotated[
        Numbers | None,
        typer.Option(help="Types of progress, besides numbers.", show_default="number"),
    ] = None,
    dates: Annotated[
        Dates | None, typer.Option(help="Formats of dates.", show_default="ecmascript")
    ] = None,
    state: States = None,
    max_depth: Annotated[
        int, typer.Option(help="Maximum depth of arrays and objects.", min=1, max=MAX_DEPTH)
    ] = 64,
    history: Annotated[
        bool, typer.Option("--history/--no-history", help="Audit the job histories.")
    ] = True,
    lifecycle: Followed = "standard",
    no_gaps: Annotated[
        bool, typer.Option("--no-gaps", help="Require every intermediate state.")
    ] = False,
    output: Annotated[
        OutputFormat, typer.Option("--format", help="Output plain text or NDJSON.")
    ] = "text",
) -> None:
    """Run ``jobstatus check``."""
    codec = _codec(
        TOLERANT if tolerant else DEFAULT,
        state or [],
        {
            "null": null,
            "unknown_keys": unknown_keys,
            "ids": ids,
            "numbers": numbers,
            "dates": dates,
            "max_depth": max_depth,
        },
    )
    report, hint = Report(output), Hint(codec)
    audit = Audit(lifecycle=LIFECYCLES[lifecycle], gaps=not no_gaps) if history else None
    unreadable = False
    for name in files:
        reason = None
        try:
            with opened(name) as stream:
                _check(name, stream, codec, audit, report, hint)
        except UnreadableError as error:
            reason = str(error)
        except MemoryError:
            # Print later: until this clause ends, the traceback keeps the memory alive.
            reason = "not enough memory"
        if reason is not None:
            unreadable = True
            typer.echo(f"jobstatus: {printable(name)}: {reason}", err=True)
    report.summarise(audit, hint)
    raise typer.Exit(2 if unreadable else int(report.has_faults))


def _codec(base: Codec, states: list[str], options: Mapping[str, Any]) -> Codec:
    """Return a codec with the options that are set and not None."""
    pairs = parse_states(states)
    given = {name: value for name, value in options.items() if value is not None}
    try:
        return attrs.evolve(base, **given, states=pairs)
    except InvalidValueError as error:
        raise typer.BadParameter(str(error), param_hint="'--state'") from None


def _check(  # noqa: PLR0913, PLR0917 - the parts of one run
    name: str,
    stream: BufferedReader,
    codec: Codec,
    audit: Audit | None,
    report: Report,
    hint: Hint,
) -> None:
    states, add = report.states, None if audit is None else audit.add
    for line, pointer, data, result in _reading(stream, codec):
        if type(result) is JobStatus:  # saves 0.1 µs over isinstance
            states[result.status] += 1
            if add is not None and (findings := add(result, line=line)):
                report.add_findings(name, line, pointer, findings)
        else:
            # An error with a line number is about the array, not about one of its payloads.
            if result.line is None:
                report.invalid += 1
                hint.add(data, result)
            report.add_problems(name, line, pointer, result)


def _reading(stream: BufferedReader, codec: Codec) -> Iterator[Located]:
    # Only reading happens here, so an OSError cannot come from standard output.
    try:
        yield from read_located(stream, codec)
    except OSError as error:
        raise UnreadableError(error.strerror or str(error)) from error
