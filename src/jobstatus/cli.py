"""The command line: ``python -m jobstatus`` and ``jobstatus``. Needs the extra ``cli``."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeAlias, cast, final

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from jobstatus._documents import CHUNK, split
from jobstatus._foreign import printable
from jobstatus._payload import Dates, Null, UnknownKeys
from jobstatus._report import OutputFormat, Report
from jobstatus.codec import MOST_DEPTH, Codec
from jobstatus.contract import json_schema, openapi_component, typescript
from jobstatus.errors import DecodeError
from jobstatus.history import Audit
from jobstatus.lifecycle import RETRYING, STANDARD

if TYPE_CHECKING:
    from typing_extensions import Buffer

LifecycleName: TypeAlias = Literal["standard", "retrying"]

_LIFECYCLES: Final = {"standard": STANDARD, "retrying": RETRYING}
_LONG_INPUT = 1 << 20

app: Final = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it
    if wanted:
        typer.echo(f"jobstatus {version('jobstatus')}")
        raise typer.Exit


@app.callback()
def app_options(
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Print it.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Check JobStatus payloads, and print the contract."""


Followed: TypeAlias = Annotated[
    LifecycleName, typer.Option("--lifecycle", help="Which state may follow which.")
]


@app.command()
def schema() -> None:
    """Print the JSON Schema (2020-12) of a payload."""
    typer.echo(json.dumps(json_schema(), indent=2))


@app.command()
def openapi() -> None:
    """Print the Schema Object (OpenAPI 3.1) for #/components/schemas/JobStatus."""
    typer.echo(json.dumps(openapi_component(), indent=2))


@app.command(name="typescript")
def print_typescript(*, lifecycle: Followed = "standard") -> None:
    """Print a TypeScript module: the interface, its reviver, the legal transitions."""
    typer.echo(typescript(lifecycle=_LIFECYCLES[lifecycle]), nl=False)


@app.command(name="lifecycle")
def print_lifecycle(*, lifecycle: Followed = "standard") -> None:
    """Print which state may follow which, and why, as a Mermaid diagram."""
    typer.echo(_LIFECYCLES[lifecycle].to_mermaid(), nl=False)


@app.command()
def check(  # noqa: PLR0913 - one for each option
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", help="JSON, a JSON array or NDJSON; - for stdin."),
    ],
    *,
    null: Annotated[Null, typer.Option(help="null for an optional key.")] = "reject",
    unknown_keys: Annotated[
        UnknownKeys, typer.Option(help="Keys that the interface lacks.")
    ] = "ignore",
    dates: Annotated[Dates, typer.Option(help="The format of dates.")] = "ecmascript",
    max_depth: Annotated[
        int, typer.Option(help="How deep arrays and objects may nest.", min=1, max=MOST_DEPTH)
    ] = 64,
    history: Annotated[
        bool, typer.Option("--history/--no-history", help="Audit the histories of the jobs.")
    ] = True,
    lifecycle: Followed = "standard",
    edges: Annotated[
        bool, typer.Option("--edges", help="Judge by single steps; none may be missing.")
    ] = False,
    output: Annotated[
        OutputFormat, typer.Option("--format", help="Lines for people, or NDJSON.")
    ] = "text",
) -> None:
    """Print what is wrong with payloads and with the histories of their jobs, then a summary.

    A problem of a payload is FILE:LINE: POINTER CODE MESSAGE. A finding is FILE:LINE: SEVERITY CODE
    JOB: MESSAGE, with the pointer of an item of an array before the severity. All files, in their
    order, are one history.

    Exits with 0 if there was no problem and no finding that is an error, 1 if there was one, 2 if
    something could not be read.
    """
    codec = Codec(null=null, unknown_keys=unknown_keys, dates=dates, max_depth=max_depth)
    report = Report(output)
    audit = Audit(lifecycle=_LIFECYCLES[lifecycle], edges=edges) if history else None
    unreadable = False
    for name in files:
        try:
            with _open(name) as stream:
                _check(name, stream, codec, audit, report)
        except UnreadableError as error:
            unreadable = True
            typer.echo(f"jobstatus: {printable(name)}: {error}", err=True)
    report.summarise(audit)
    raise typer.Exit(2 if unreadable else int(report.has_faults))


def _check(
    name: str, stream: io.BufferedReader, codec: Codec, audit: Audit | None, report: Report
) -> None:
    try:
        for document in split(stream, codec.max_depth):
            try:
                job = codec.decode(document.data)
            except DecodeError as error:
                report.invalid += 1
                problems = (problem.below(document.pointer) for problem in error.problems)
                report.add_problems(name, document.line, problems)
                continue
            report.states[job.status] += 1
            if audit is not None and (findings := audit.add(job, line=document.line)):
                report.add_findings(name, document, findings)
    except DecodeError as error:  # the array around the payloads
        report.add_problems(name, cast("int", error.line), error.problems)


class UnreadableError(Exception):
    """A file that could not be read; its text says why."""


@contextmanager
def _reading() -> Generator[None]:
    # An OSError of standard output is not the file's.
    try:
        yield
    except OSError as error:
        raise UnreadableError(error.strerror or str(error)) from error


@contextmanager
def _open(name: str) -> Generator[io.BufferedReader]:
    # Unbuffered, so that a pipe is read as it comes, and so that the bar is told once a chunk.
    with ExitStack() as stack:
        size = None
        if name == "-":
            raw = _standard_input()
        else:
            with _reading():
                raw = stack.enter_context(Path(name).open("rb", buffering=0))
                size = os.fstat(raw.fileno()).st_size
        # The bar needs room beside the name.
        short = printable(Path(name).name[:30])
        advance = stack.enter_context(_progress(short, size))
        yield io.BufferedReader(_Counted(raw, advance), CHUNK)


def _standard_input() -> io.RawIOBase:
    stream: Any = getattr(sys.stdin, "buffer", None)
    if stream is None:
        raise UnreadableError("it is closed")
    return cast("io.RawIOBase", getattr(stream, "raw", stream))


@final
class _Counted(io.RawIOBase):
    """A raw stream that tells how many bytes are read from it."""

    def __init__(self, raw: io.RawIOBase, advance: Callable[[int], None]) -> None:
        self._raw, self._advance = raw, advance

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer, /) -> int | None:
        with _reading():
            count = self._raw.readinto(buffer)
        self._advance(count or 0)
        return count


@contextmanager
def _progress(name: str, size: int | None) -> Generator[Callable[[int], None]]:
    # Asked of the stream itself, for rich also goes by the environment.
    if not getattr(sys.stderr, "isatty", bool)():
        yield lambda _: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
    )
    with Progress(
        *columns,
        console=Console(stderr=True),
        transient=True,
        # Else the output would go where the bar goes.
        redirect_stdout=getattr(sys.stdout, "isatty", bool)(),
    ) as progress:
        task = progress.add_task(name, total=size, visible=False)
        done = 0

        def advance(count: int) -> None:
            nonlocal done
            done += count
            progress.update(task, completed=done, visible=done >= _LONG_INPUT)

        yield advance
