"""The subcommand that checks files."""

from __future__ import annotations

from io import BufferedReader
from typing import Annotated, Final, TypeAlias

import typer

from jobstatus._status import JobStatus
from jobstatus._untrusted import printable
from jobstatus.cli._app import (
    LIFECYCLES,
    DatesOption,
    Followed,
    IdsOption,
    MaxDepth,
    NoGaps,
    NullOption,
    NumbersOption,
    PointerOption,
    States,
    Tolerant,
    UnknownKeysOption,
    app,
    make_codec,
)
from jobstatus.cli._codes import EXPLANATIONS, complete_code, parse_codes
from jobstatus.cli._help import Command
from jobstatus.cli._hint import Hint
from jobstatus.cli._input import UnreadableError, opened
from jobstatus.cli._output import OutputFormat, complain, has_color, is_terminal
from jobstatus.cli._reading import Source
from jobstatus.cli._report import Report
from jobstatus.history import Audit, Severity

Codes: TypeAlias = list[str] | None

_CHECK_HELP: Final = """\
Check payloads and job histories, and print all problems and a summary.

A problem with a payload: FILE:LINE: MESSAGE [CODE]. A finding in a history: FILE:LINE:
SEVERITY: JOB: MESSAGE [CODE]. For an array, the JSON Pointer of the item follows FILE:LINE. The
files are one history, in the given order. "jobstatus explain CODE" says what to do.

Exit codes: 2 for an unreadable file or a failed write, otherwise 1 for a problem or a finding
of severity error (see --fail-on), otherwise 0.
"""


_INTERRUPTED: Final = 130
"""The exit code after Ctrl-C: 128 and the number of SIGINT."""


@app.command(help=_CHECK_HELP, cls=Command)
def check(  # noqa: PLR0913 - one for each option
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...",
            help="NDJSON or other JSON values, a JSON array, or a JSON text sequence, also with "
            "gzip; - for stdin.",
        ),
    ],
    *,
    tolerant: Tolerant = False,
    null: NullOption = None,
    unknown_keys: UnknownKeysOption = "ignore",
    ids: IdsOption = None,
    numbers: NumbersOption = None,
    dates: DatesOption = None,
    state: States = None,
    max_depth: MaxDepth = 64,
    pointer: PointerOption = "",
    history: Annotated[
        bool, typer.Option("--history/--no-history", help="Audit the job histories.")
    ] = True,
    lifecycle: Followed = "standard",
    no_gaps: NoGaps = False,
    select: Annotated[
        Codes,
        typer.Option(
            metavar="CODE",
            help="Report only these codes, separated by commas.",
            show_default=False,
            autocompletion=complete_code,
        ),
    ] = None,
    ignore: Annotated[
        Codes,
        typer.Option(
            metavar="CODE",
            help="Don't report these codes, separated by commas.",
            show_default=False,
            autocompletion=complete_code,
        ),
    ] = None,
    fail_on: Annotated[
        Severity, typer.Option(help="Least severity of a finding for exit code 1.")
    ] = "error",
    output: Annotated[
        OutputFormat,
        typer.Option("--format", help="Print text, NDJSON, or annotations of GitHub Actions."),
    ] = "text",
    max_problems: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="Print at most N problems and findings.", min=0, show_default=False
        ),
    ] = None,
    statistics: Annotated[
        bool, typer.Option("--statistics", help="Print only the summary.")
    ] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Print no summary.")] = False,
) -> None:
    """Run ``jobstatus check``."""
    if statistics and quiet:
        raise typer.BadParameter("cannot be used with --quiet", param_hint="'--statistics'")
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
    report = Report(
        output,
        aligned=is_terminal(),
        color=has_color(),
        codes=parse_codes("--select", select or EXPLANATIONS)
        - parse_codes("--ignore", ignore or ()),
        max_results=max_problems,
        statistics=statistics,
        fail_on=fail_on,
    )
    source, hint = Source(codec, pointer), Hint(codec)
    audit = Audit(lifecycle=LIFECYCLES[lifecycle], gaps=not no_gaps) if history else None
    unreadable = interrupted = False
    for name in files:
        reason, before = None, report.read
        try:
            with opened(name) as stream:
                _check(name, stream, source, audit, report, hint)
        except UnreadableError as error:
            reason = str(error)
        except MemoryError:
            # Print later: until this clause ends, the traceback keeps the memory alive.
            reason = "not enough memory"
        except KeyboardInterrupt:  # how people end "tail -f"
            interrupted = True
            break
        if reason is not None:
            unreadable = True
            complain(f"{printable(name)}: {reason}")
        elif report.read == before and not quiet:
            complain(f"{printable(name)}: no payload{pointer and f' at {printable(pointer)}'}")
    report.print_hidden()
    if not quiet:
        report.summarise(audit, hint, source.skipped if pointer else None)
    if interrupted:
        raise typer.Exit(_INTERRUPTED)
    raise typer.Exit(2 if unreadable else int(report.has_faults))


def _check(  # noqa: PLR0913, PLR0917 - the parts of one run
    name: str,
    stream: BufferedReader,
    source: Source,
    audit: Audit | None,
    report: Report,
    hint: Hint,
) -> None:
    states, add = report.states, None if audit is None else audit.add
    for line, pointer, data, result in source.read(stream):
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
