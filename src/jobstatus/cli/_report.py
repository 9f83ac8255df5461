"""The output of ``jobstatus check``: each problem and finding at once, then a summary."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from heapq import nsmallest
from typing import Any, Final, final, get_args

import attrs

from jobstatus._states import JobState
from jobstatus._untrusted import excerpt, printable
from jobstatus.cli._codes import Code
from jobstatus.cli._hint import Hint
from jobstatus.cli._output import OutputFormat, annotation, count, label, paint, tally, write
from jobstatus.errors import DecodeError, ProblemCode
from jobstatus.history import SEVERITIES, Audit, Finding, FindingCode, Severity

_MAX_JOBS: Final = 20
_LINE_WIDTH: Final = len(":12345:")
_SEVERITY_WIDTH: Final = len("warning: ")
_SEVERITIES: Final[tuple[Severity, ...]] = get_args(Severity)


@final
@attrs.define
class Report:
    """Prints problems and findings at once, and counts them.

    Attributes:
        output: Text, NDJSON, or annotations of GitHub.
        aligned: Whether the parts of a line are in columns, for people.
        color: Whether text has colours.
        codes: The codes of the problems and findings to print and to count.
        max_results: The maximum number of problems and findings to print; None for no limit.
        statistics: Whether to print only the summary.
        fail_on: The least severity of a finding that counts as a fault.
        invalid: The number of rejected payloads.
        problems: The number of problems, by code.
        states: The number of valid payloads, by state.
        findings: The number of findings, by code.
        severities: The number of findings, by severity.
        jobs: The number of findings, by job and code.
        hidden: The number of problems and findings that were not printed.
    """

    output: OutputFormat
    aligned: bool
    color: bool
    codes: frozenset[Code]
    max_results: int | None
    statistics: bool
    fail_on: Severity
    invalid: int = 0
    problems: Counter[ProblemCode] = attrs.field(factory=Counter[ProblemCode])
    states: dict[JobState, int] = attrs.field(factory=lambda: dict.fromkeys(JobState, 0))
    findings: Counter[FindingCode] = attrs.field(factory=Counter[FindingCode])
    severities: Counter[Severity] = attrs.field(factory=Counter[Severity])
    jobs: dict[str, Counter[FindingCode]] = attrs.field(factory=dict[str, Counter[FindingCode]])
    hidden: Counter[str] = attrs.field(factory=Counter[str])
    _printed: int = attrs.field(init=False, default=0)

    def add_problems(self, name: str, line: int, pointer: str, error: DecodeError) -> None:
        """Print the problems of the document that begins on a line."""
        for problem in error.problems:
            if problem.code not in self.codes:
                continue
            self.problems[problem.code] += 1
            if not self._is_hidden("problem"):
                below = problem.below(pointer)
                about = attrs.asdict(below, filter=attrs.filters.exclude("value"))
                self._print(name, line, "error", "", str(below), about)

    def add_findings(self, name: str, line: int, pointer: str, findings: Iterable[Finding]) -> None:
        """Print the findings of the snapshot that begins on a line."""
        for finding in findings:
            if finding.code not in self.codes:
                continue
            self.findings[finding.code] += 1
            self.severities[finding.severity] += 1
            self.jobs.setdefault(finding.job_id, Counter())[finding.code] += 1
            if not self._is_hidden("finding"):
                about = {
                    "pointer": pointer,
                    "code": finding.code,
                    "severity": finding.severity,
                    "jobId": finding.job_id,
                    "message": finding.message,
                }
                item = f"{printable(pointer)}: " if pointer else ""
                self._print(name, line, finding.severity, item, str(finding), about)

    def _is_hidden(self, kind: str) -> bool:
        if self.statistics:
            return True
        if self._printed == self.max_results:
            self.hidden[kind] += 1
            return True
        self._printed += 1
        return False

    def _print(  # noqa: PLR0913, PLR0917 - the parts of a line
        self,
        name: str,
        line: int,
        severity: Severity,
        item: str,
        text: str,
        about: Mapping[str, Any],
    ) -> None:
        place, code = f"{printable(name)}:{line}:", about["code"]
        if self.output == "json":
            write(json.dumps({"file": name, "line": line, **about}))
        elif self.output == "github":
            file = None if name == "-" else printable(name)
            text = f"{place} {item}{text}"
            write(annotation(severity, text, title=code, file=file, line=line))
        elif self.aligned:
            # A problem has no severity in its text.
            lead = f"{severity}:" if "severity" in about else ""
            body = text.removeprefix(lead).removesuffix(f"[{code}]").lstrip()
            lead = f"{lead:<{_SEVERITY_WIDTH}}" if lead else ""
            place = f"{place:<{len(printable(name)) + _LINE_WIDTH}}"
            end = f"[{code}]"
            if self.color:
                place, end = paint(place, "place"), paint(end, "code")
                lead = paint(lead, severity) if lead else ""
            write(f"{place} {item}{lead}{body}{end}")
        else:
            write(f"{place} {item}{text}")

    @property
    def read(self) -> int:
        """The number of payloads."""
        return sum(self.states.values()) + self.invalid

    @property
    def has_faults(self) -> bool:
        """Whether there was a problem, or a finding that counts as a fault."""
        counted = _SEVERITIES[: _SEVERITIES.index(self.fail_on) + 1]
        return bool(self.problems) or any(self.severities[severity] for severity in counted)

    def print_hidden(self) -> None:
        """Print how many problems and findings are hidden, if any."""
        if self.hidden and self.output != "json":
            counts = [count(number, kind) for kind, number in self.hidden.items()]
            text = f"{' and '.join(counts)}, because of --max-problems {self.max_results}"
            self._print_lines([("hidden", text)])

    def summarise(self, audit: Audit | None, hint: Hint, skipped: int | None) -> None:
        """Print how many payloads were read and, if there was an audit, the findings by job.

        If options make invalid payloads valid, the last line names them.

        Args:
            audit: The audit of the histories.
            hint: The options that make invalid payloads valid.
            skipped: The number of documents without a payload, if there is a pointer.
        """
        if self.output == "json":
            for job_id, codes in self.jobs.items():
                write(json.dumps({"jobId": job_id, "findings": codes}))
            write(json.dumps({"summary": self._data(audit, hint, skipped)}))
        else:
            self._print_lines(self._lines(audit, hint, skipped))

    def _data(self, audit: Audit | None, hint: Hint, skipped: int | None) -> dict[str, object]:
        read = self.read
        data: dict[str, object] = {
            "payloads": {"read": read, "valid": read - self.invalid, "invalid": self.invalid},
            "problems": self.problems,
            "states": self.states,
        }
        if skipped is not None:
            data["skipped"] = skipped
        if audit is not None:
            data["jobs"] = {"seen": len(audit.jobs), "affected": len(self.jobs)}
            data["findings"] = self.findings
            data["severities"] = {name: self.severities[name] for name in _SEVERITIES}
        if self.max_results is not None:
            data["hidden"] = self.hidden.total()
        if hint.valid:
            data["hint"] = {"valid": hint.valid, "options": hint.to_options()}
        return data

    def _lines(
        self, audit: Audit | None, hint: Hint, skipped: int | None
    ) -> Iterator[tuple[str, str]]:
        read = self.read
        yield (
            "payloads",
            f"{read:,} read, {read - self.invalid:,} valid, {self.invalid:,} invalid"
            + _by_code(self.problems),
        )
        yield "states", ", ".join(f"{number:,} {state}" for state, number in self.states.items())
        if skipped is not None:
            yield "skipped", f"{count(skipped, 'document')} without a payload"
        if audit is not None:
            yield "jobs", f"{len(audit.jobs):,} seen, {len(self.jobs):,} affected"
            by_severity = ", ".join(count(self.severities[name], name) for name in _SEVERITIES)
            yield "findings", by_severity + _by_code(self.findings)
        if self.output == "text":  # an annotation beside a line has the job
            for line in self._affected():
                yield "", line
        if hint.valid:
            of = f"{hint.valid:,} of {count(self.invalid, 'invalid payload')}"
            yield "hint", f"{of} {'is' if hint.valid == 1 else 'are'} valid with {hint.to_flags()}"

    def _affected(self) -> Iterator[str]:
        """Yield the findings of the worst jobs."""
        worst = nsmallest(_MAX_JOBS, self.jobs, key=lambda job: _rank(self.jobs[job]))
        names = {job_id: f"{excerpt(job_id)}:" for job_id in worst}
        width = max(map(len, names.values()), default=0)
        for job_id, name in names.items():
            yield f"  job {name:<{width}} {tally(self.jobs[job_id])}"
        if len(self.jobs) > len(worst):
            yield f"  and {len(self.jobs) - len(worst):,} more"

    def _print_lines(self, lines: Iterable[tuple[str, str]]) -> None:
        """Print labels with their texts; without a label, the text is a whole line."""
        text = "\n".join(
            label(name, color=self.color and self.output == "text") + rest if name else rest
            for name, rest in lines
        )
        if self.output == "github":
            text = annotation("note", text, title="jobstatus check")
        write(text)


def _by_code(counts: Mapping[Any, int]) -> str:
    return f": {tally(counts)}" if counts else ""


def _rank(codes: Counter[FindingCode]) -> list[int]:
    """Return a sort key that puts the worst job first."""
    counts = Counter[Severity]()
    for code, number in codes.items():
        counts[SEVERITIES[code]] += number
    return [-counts[severity] for severity in _SEVERITIES]
