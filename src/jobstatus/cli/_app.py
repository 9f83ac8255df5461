"""The commands and their options."""

from __future__ import annotations

import json
import selectors
import sys
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from importlib.metadata import PackageNotFoundError, version
from io import BufferedReader, RawIOBase
from os import fstat
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, Final, Literal, TypeAlias, cast, final

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from jobstatus._status import JobStatus
from jobstatus._untrusted import printable
from jobstatus._wire import MAX_DEPTH
from jobstatus.cli._report import OutputFormat, Report
from jobstatus.codec import Codec, Dates, Null, UnknownKeys
from jobstatus.contract import json_schema, openapi_component, typescript
from jobstatus.history import Audit
from jobstatus.lifecycle import RETRYING, STANDARD
from jobstatus.streams._stream import CHUNK, Located, read_located

if TYPE_CHECKING:
    from typing_extensions import Buffer

LifecycleName: TypeAlias = Literal["standard", "retrying"]

_LIFECYCLES: Final = {"standard": STANDARD, "retrying": RETRYING}
_LONG_INPUT = 1 << 20

# Help texts are not docstrings, because python -OO strips those.
_CHECK_HELP = """\
Check payloads and job histories, and print all problems and a summary.

A problem with a payload: FILE:LINE: MESSAGE [CODE]. A finding in a history: FILE:LINE:
SEVERITY: JOB: MESSAGE [CODE]. For an array, the JSON Pointer of the item follows FILE:LINE. The
files are one history, in the given order.

Exit codes: 2 for an unreadable file or a failed write, otherwise 1 for a problem or a finding
of severity error, otherwise 0.
"""

app: Final = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it
    if wanted:
        try:
            number = version("jobstatus")
        except PackageNotFoundError:  # a source tree that is not installed
            number = "unknown"
        typer.echo(f"jobstatus {number}")
        raise typer.Exit


@app.callback(help="Check JobStatus payloads and print the contract.")
def app_options(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Read the options of the whole command."""


Followed: TypeAlias = Annotated[
    LifecycleName, typer.Option("--lifecycle", help="The lifecycle of the jobs.")
]


@app.command(help="Print the JSON Schema (2020-12) of a payload.")
def schema() -> None:
    """Run ``jobstatus schema``."""
    typer.echo(json.dumps(json_schema(), indent=2))


@app.command(help="Print the OpenAPI 3.1 Schema Object for #/components/schemas/JobStatus.")
def openapi() -> None:
    """Run ``jobstatus openapi``."""
    typer.echo(json.dumps(openapi_component(), indent=2))


@app.command(
    name="typescript",
    help="Print a TypeScript module: the interface, its reviver and the legal transitions.",
)
def print_typescript(*, lifecycle: Followed = "standard") -> None:
    """Run ``jobstatus typescript``."""
    typer.echo(typescript(lifecycle=_LIFECYCLES[lifecycle]), nl=False)


@app.command(
    name="lifecycle", help="Print the legal transitions and their reasons as a Mermaid diagram."
)
def print_lifecycle(*, lifecycle: Followed = "standard") -> None:
    """Run ``jobstatus lifecycle``."""
    typer.echo(_LIFECYCLES[lifecycle].to_mermaid(), nl=False)


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
    null: Annotated[Null, typer.Option(help="Meaning of null for an optional key.")] = "reject",
    unknown_keys: Annotated[
        UnknownKeys, typer.Option(help="Treatment of unknown keys.")
    ] = "ignore",
    dates: Annotated[Dates, typer.Option(help="Date format.")] = "ecmascript",
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
    codec = Codec(null=null, unknown_keys=unknown_keys, dates=dates, max_depth=max_depth)
    report = Report(output)
    audit = Audit(lifecycle=_LIFECYCLES[lifecycle], gaps=not no_gaps) if history else None
    unreadable = False
    for name in files:
        reason = None
        try:
            with _open(name) as stream:
                _check(name, stream, codec, audit, report)
        except UnreadableError as error:
            reason = str(error)
        except MemoryError:
            # Print later: until this clause ends, the traceback keeps the memory alive.
            reason = "not enough memory"
        if reason is not None:
            unreadable = True
            typer.echo(f"jobstatus: {printable(name)}: {reason}", err=True)
    report.summarise(audit)
    raise typer.Exit(2 if unreadable else int(report.has_faults))


def _check(
    name: str, stream: BufferedReader, codec: Codec, audit: Audit | None, report: Report
) -> None:
    states, add = report.states, None if audit is None else audit.add
    for line, pointer, _, result in _reading(stream, codec):
        if type(result) is JobStatus:  # saves 0.1 µs over isinstance
            states[result.status] += 1
            if add is not None and (findings := add(result, line=line)):
                report.add_findings(name, line, pointer, findings)
        else:
            # An error with a line number is about the array, not about one of its payloads.
            report.invalid += result.line is None
            report.add_problems(name, line, pointer, result)


class UnreadableError(Exception):
    """A file could not be read; the message is the reason."""


def _reading(stream: BufferedReader, codec: Codec) -> Iterator[Located]:
    # Only reading happens here, so an OSError cannot come from standard output.
    try:
        yield from read_located(stream, codec)
    except OSError as error:
        raise UnreadableError(error.strerror or str(error)) from error


@contextmanager
def _open(name: str) -> Generator[BufferedReader]:
    with ExitStack() as stack:
        try:
            # Unbuffered, so that data from a pipe is read at once and the bar moves per chunk.
            raw: RawIOBase = (
                Waiting(_standard_input())
                if name == "-"
                else stack.enter_context(Path(name).open("rb", buffering=0))
            )
            size = 0 if name == "-" else fstat(raw.fileno()).st_size
        except OSError as error:
            raise UnreadableError(error.strerror or str(error)) from error
        if size >= _LONG_INPUT and getattr(sys.stderr, "isatty", bool)():
            progress = stack.enter_context(_progress())
            # The bar needs room beside the name.
            short = printable(Path(name).name[:30])
            reader = progress.wrap_file(cast("BinaryIO", raw), size, description=short)
            raw = cast("RawIOBase", reader)
        yield BufferedReader(raw, CHUNK)


@final
class Waiting(RawIOBase):
    """Waits for data on a non-blocking stream, where a read would return None.

    Other processes may share the pipe's open file description, so its flags stay unchanged.
    """

    def __init__(self, raw: RawIOBase) -> None:
        self._raw = raw

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        """Read the next bytes, and wait for them if necessary."""
        while (count := self._raw.readinto(buffer)) is None:
            with selectors.DefaultSelector() as selector:
                selector.register(self._raw, selectors.EVENT_READ)
                selector.select()
        return count


def _standard_input() -> RawIOBase:
    stream: Any = getattr(sys.stdin, "buffer", None)
    if stream is None:
        raise UnreadableError("it is closed")
    return cast("RawIOBase", getattr(stream, "raw", stream))


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        # Otherwise rich would redirect the output to standard error, where the bar is.
        redirect_stdout=getattr(sys.stdout, "isatty", bool)(),
    )
