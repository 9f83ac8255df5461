"""The subcommand that shows the changes of one job."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from io import BufferedReader
from typing import Annotated, Final, final, get_args

import attrs
import typer

from jobstatus._status import JobStatus
from jobstatus._untrusted import excerpt, printable
from jobstatus._wire import as_number
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
    app,
    make_codec,
)
from jobstatus.cli._help import Command
from jobstatus.cli._input import UnreadableError, opened
from jobstatus.cli._output import complain, count, has_color, label, paint, write
from jobstatus.cli._reading import Source
from jobstatus.dates import format_utc
from jobstatus.history import Audit, Finding, Severity

_TIMELINE_HELP: Final = """\
Print the changes of one job as a table, with the findings.

A row is a snapshot of the job. A snapshot that equals the one before is a repeat and has no row. A
finding is below the row of its snapshot.

Exit codes: 2 for an unreadable file, an unknown job or a failed write, otherwise 1 for a finding
of severity error, otherwise 0.
"""
_SEVERITIES: Final[tuple[Severity, ...]] = get_args(Severity)
# Fixed widths, so that each row is printed as soon as it is read.
_WIDTHS: Final = (7, 10, 17, 24)


@app.command(help=_TIMELINE_HELP, cls=Command)
def timeline(  # noqa: PLR0913 - one for each option
    file: Annotated[str, typer.Argument(metavar="FILE", help="As for check; - for stdin.")],
    job_id: Annotated[str, typer.Argument(metavar="ID", help="The id of the job.")],
    *,
    tolerant: Tolerant = False,
    null: NullOption = None,
    ids: IdsOption = None,
    numbers: NumbersOption = None,
    dates: DatesOption = None,
    state: States = None,
    max_depth: MaxDepth = 64,
    pointer: PointerOption = "",
    lifecycle: Followed = "standard",
    no_gaps: NoGaps = False,
) -> None:
    """Run ``jobstatus timeline``."""
    codec = make_codec(
        tolerant=tolerant,
        state=state,
        null=null,
        ids=ids,
        numbers=numbers,
        dates=dates,
        max_depth=max_depth,
    )
    audit = Audit(lifecycle=LIFECYCLES[lifecycle], gaps=not no_gaps)
    table = _Table(audit, color=has_color())
    reason = None
    try:
        with opened(file) as stream:
            invalid = _show(stream, Source(codec, pointer), job_id, table)
    except UnreadableError as error:
        reason = str(error)
    except MemoryError:
        reason = "not enough memory"
    else:
        if invalid:
            text = f"{count(invalid, 'invalid payload')}, which jobstatus check shows"
            complain(f"{printable(file)}: {text}")
        if not table.snapshots:
            reason = f"no payload of job {excerpt(job_id)}"
    table.summarise()
    if reason is not None:
        complain(f"{printable(file)}: {reason}")
        raise typer.Exit(2)
    raise typer.Exit(int(table.severities["error"] > 0))


def _show(stream: BufferedReader, source: Source, job_id: str, table: _Table) -> int:
    """Print the rows of a job, and return the number of invalid payloads of all jobs."""
    invalid = 0
    for line, pointer, _, result in source.read(stream):
        if type(result) is not JobStatus:
            invalid += 1
        elif result.id == job_id:
            item = pointer.removesuffix(source.pointer)  # all items of an array may be on one line
            table.add(line, item, result)
    return invalid


@final
@attrs.define
class _Table:
    """Prints the snapshots of a job that differ from the one before.

    Attributes:
        audit: Finds faults in the history.
        color: Whether the table has colours.
        snapshots: The number of snapshots so far.
        rows: The number of rows so far.
        severities: The number of findings, by severity.
    """

    audit: Audit
    color: bool
    snapshots: int = 0
    rows: int = 0
    severities: Counter[Severity] = attrs.field(factory=Counter[Severity])

    def add(self, line: int, item: str, job: JobStatus) -> None:
        """Print a snapshot and its findings, unless it is a repeat."""
        self.snapshots += 1
        if job == self.audit.jobs.get(job.id):
            return
        if not self.rows:
            header = _row(["line", "status", "progress", "estimatedCompletion", "error"])
            write(paint(header, "label") if self.color else header)
        self.rows += 1
        write(_row([f"{line} {item}".rstrip(), *_cells(job)]))
        self._print_findings(self.audit.add(job, line=line))

    def _print_findings(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            severity, code = finding.severity, f"[{finding.code}]"
            self.severities[severity] += 1
            name = f"{severity}:"
            if self.color:
                name, code = paint(name, severity), paint(code, "code")
            write(f"{'':<{_WIDTHS[0]}}  {name} {finding.message} {code}")

    def summarise(self) -> None:
        """Print how many snapshots and findings there were."""
        if not self.rows:
            return
        repeats = count(self.snapshots - self.rows, "repeat")
        write(f"{label('snapshots', color=self.color)} {self.snapshots:,} read, {repeats}")
        counts = ", ".join(count(self.severities[name], name) for name in _SEVERITIES)
        write(f"{label('findings', color=self.color)} {counts}")


def _cells(job: JobStatus) -> Iterator[str]:
    """Yield the fields after the id, as in a payload, with the error text cut."""
    yield job.status
    yield "" if job.progress is None else str(as_number(job.progress))
    yield "" if job.estimated_completion is None else format_utc(job.estimated_completion)
    yield "" if job.error is None else excerpt(job.error)


def _row(cells: list[str]) -> str:
    line, status, progress, *others = cells
    first = f"{line:>{_WIDTHS[0]}}  {status:<{_WIDTHS[1]}}  {progress:>{_WIDTHS[2]}}"
    return f"{first}  {others[0]:<{_WIDTHS[3]}}  {others[1]}".rstrip()
