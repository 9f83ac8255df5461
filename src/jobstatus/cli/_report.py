"""The output of ``jobstatus check``: each problem and finding at once, then a summary."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from heapq import nsmallest
from typing import Any, Final, Literal, TypeAlias, final, get_args

import attrs
import typer

from jobstatus._states import JobState
from jobstatus._untrusted import excerpt, printable
from jobstatus.cli._hint import Hint
from jobstatus.errors import DecodeError
from jobstatus.history import SEVERITIES, Audit, Finding, FindingCode, Severity

OutputFormat: TypeAlias = Literal["text", "json"]

_MAX_JOBS: Final = 20
_SEVERITIES: Final[tuple[Severity, ...]] = get_args(Severity)


@final
@attrs.define
class Report:
    """Prints problems and findings at once, and counts them.

    Attributes:
        output: Plain text or NDJSON.
        invalid: The number of rejected payloads.
        problems: The number of problems.
        states: The number of valid payloads, by state.
        findings: The number of findings, by job and code.
        severities: The number of findings, by severity.
    """

    output: OutputFormat
    invalid: int = 0
    problems: int = 0
    states: dict[JobState, int] = attrs.field(factory=lambda: dict.fromkeys(JobState, 0))
    findings: dict[str, Counter[FindingCode]] = attrs.field(factory=dict[str, Counter[FindingCode]])
    severities: Counter[Severity] = attrs.field(factory=Counter[Severity])

    def add_problems(self, name: str, line: int, pointer: str, error: DecodeError) -> None:
        """Print the problems of the document that begins on a line."""
        for problem in error.problems:
            self.problems += 1
            below = problem.below(pointer)
            about = attrs.asdict(below, filter=attrs.filters.exclude("value"))
            self._print(name, line, str(below), about)

    def add_findings(self, name: str, line: int, pointer: str, findings: Iterable[Finding]) -> None:
        """Print the findings of the snapshot that begins on a line."""
        for finding in findings:
            self.findings.setdefault(finding.job_id, Counter())[finding.code] += 1
            self.severities[finding.severity] += 1
            about = {
                "pointer": pointer,
                "code": finding.code,
                "severity": finding.severity,
                "jobId": finding.job_id,
                "message": finding.message,
            }
            self._print(name, line, f"{pointer}: {finding}" if pointer else str(finding), about)

    def _print(self, name: str, line: int, text: str, about: Mapping[str, object]) -> None:
        if self.output == "json":
            typer.echo(json.dumps({"file": name, "line": line, **about}))
        else:
            typer.echo(f"{printable(name)}:{line}: {text}")

    @property
    def has_faults(self) -> bool:
        """Whether there was a problem, or a finding of the severity ``error``."""
        return self.problems > 0 or self.severities["error"] > 0

    def summarise(self, audit: Audit | None, hint: Hint) -> None:
        """Print how many payloads were read and, if there was an audit, the findings by job.

        If options make invalid payloads valid, the last line names them.
        """
        valid = sum(self.states.values())
        summary: dict[str, Any] = {
            "payloads": {"read": valid + self.invalid, "valid": valid, "invalid": self.invalid},
            "states": self.states,
        }
        if audit is not None:
            summary["jobs"] = {"seen": len(audit.jobs), "affected": len(self.findings)}
            summary["findings"] = {f"{name}s": self.severities[name] for name in _SEVERITIES}
        if self.output == "json":
            for job_id, codes in self.findings.items():
                typer.echo(json.dumps({"jobId": job_id, "findings": codes}))
            summary["problems"] = self.problems
            if hint.valid:
                summary["hint"] = {"valid": hint.valid, "options": hint.to_options()}
            typer.echo(json.dumps({"summary": summary}))
            return
        for name, counts in summary.items():
            typer.echo(f"{name + ':':<10}{_join(counts)}")
        worst = nsmallest(_MAX_JOBS, self.findings, key=lambda job: _rank(self.findings[job]))
        for job_id in worst:
            typer.echo(f"  job {excerpt(job_id)}: {_join(self.findings[job_id])}")
        if len(self.findings) > len(worst):
            typer.echo(f"  and {len(self.findings) - len(worst)} more")
        if hint.valid:
            of = f"{hint.valid} of {self.invalid} invalid payload{'s' * (self.invalid > 1)}"
            typer.echo(
                f"hint: {of} {'is' if hint.valid == 1 else 'are'} valid with {hint.to_flags()}"
            )


def _rank(codes: Counter[FindingCode]) -> list[int]:
    """Return a sort key that puts the worst job first."""
    counts = Counter[Severity]()
    for code, count in codes.items():
        counts[SEVERITIES[code]] += count
    return [-counts[severity] for severity in _SEVERITIES]


def _join(counts: Mapping[Any, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())
