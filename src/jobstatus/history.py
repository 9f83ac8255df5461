"""Histories: what went wrong with a job, and which of its snapshots is the latest.

Snapshots of a job arrive late, twice and out of order, and producers overwrite outcomes. No
snapshot shows that by itself; two of them do.

`check_history` takes snapshots in the order in which they arrived, and says which of them cannot
come after the one before. `merge` needs no order: it returns the snapshot that the others lead to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache, reduce
from itertools import chain, product
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias, cast, final

import attrs

from jobstatus._effects import EFFECTS, Effect
from jobstatus._fields import OPTIONAL
from jobstatus._foreign import excerpt, is_a
from jobstatus._payload import invalid_option, unstructure
from jobstatus._states import JobState
from jobstatus._status import JobStatus
from jobstatus.errors import ConflictingOutcomesError, InvalidValueError
from jobstatus.lifecycle import STANDARD, Lifecycle

__all__ = [
    "SEVERITIES",
    "Audit",
    "Finding",
    "FindingCode",
    "Severity",
    "check_history",
    "merge",
]

Move: TypeAlias = tuple[JobState, JobState]

Severity: TypeAlias = Literal["error", "warning", "note"]
"""An error breaks the lifecycle; a warning may be right; a note is legal, and odd."""

FindingCode: TypeAlias = Literal[
    "illegal_move",
    "outcome_left",
    "outcome_replaced",
    "changed_after_outcome",
    "progress_fell",
    "failed_without_error",
    "error_without_failure",
    "completed_below_100",
]
"""The stable names of what can be wrong with a history."""

SEVERITIES: Final[Mapping[FindingCode, Severity]] = MappingProxyType(
    {
        "illegal_move": "error",
        "outcome_left": "error",
        "outcome_replaced": "error",
        "changed_after_outcome": "error",
        "progress_fell": "warning",  # real producers estimate anew
        "failed_without_error": "note",
        "error_without_failure": "note",
        "completed_below_100": "note",
    }
)
"""The severity of each code."""

Wrong: TypeAlias = tuple[FindingCode, str]


def _states_with(field: str, effect: Effect) -> frozenset[JobState]:
    return frozenset(state for state, effects in EFFECTS.items() if effects[field] is effect)


_NEEDS_ERROR: Final = _states_with("error", Effect.NEED)
_CLEARS_ERROR: Final = _states_with("error", Effect.CLEAR)
_FILLS_PROGRESS: Final = _states_with("progress", Effect.FULL)
_FULL: Final = 100.0


@final
@attrs.frozen
class Finding:
    """Something that is wrong with the history of one job.

    `job_id` and `severity` are derived, so that `attrs.asdict` has neither.

    Attributes:
        code: The stable name of what was found.
        message: For people: the field, what was expected, what came.
        index: The position of `after` among all snapshots, counted from 0.
        line: The line of `after` in its file, counted from 1; None if it was not given.
        before: The snapshot of the job that came before `after`; None if that is the first.
        after: The snapshot at which it was found.

    Example:
        >>> history = [JobStatus("a", "cancelled"), JobStatus("a", "queued")]
        >>> (finding,) = check_history(history)
        >>> print(finding)
        error outcome_left job 'a': status: cannot go from cancelled to queued, cancelled is final
    """

    code: FindingCode
    message: str
    index: int
    line: int | None
    before: JobStatus | None
    after: JobStatus

    @property
    def job_id(self) -> str:
        """The id of the job."""
        return self.after.id

    @property
    def severity(self) -> Severity:
        """``"error"``, ``"warning"`` or ``"note"``, by the code."""
        return SEVERITIES[self.code]

    def __str__(self) -> str:
        return f"{self.severity} {self.code} job {excerpt(self.job_id)}: {self.message}"


def check_history(
    snapshots: Iterable[JobStatus[Any]], *, lifecycle: Lifecycle = STANDARD, edges: bool = False
) -> Iterator[Finding]:
    """Return what is wrong with the histories of any number of jobs, as their snapshots are read.

    A snapshot is compared with the one of the same job that came before it; one that is equal is
    no finding. The memory is that for one snapshot of each job. `Audit` is the same for whoever is
    told of snapshots one by one, or has their lines.

    Args:
        snapshots: The snapshots in the order in which they arrived, of jobs in any mixture.
        lifecycle: Which state may follow which.
        edges: Whether a job has to take one arc of the lifecycle at a time
            (`Lifecycle.allows`), as the producer's own record has it. Otherwise snapshots may be
            missing (`Lifecycle.reaches`), as for somebody who polls.

    Raises:
        InvalidValueError: With the code ``invalid_option`` if `lifecycle` is none.
        TypeError: While iterating, if a snapshot is not a JobStatus.

    Example:
        >>> job = JobStatus.queued("job-42").start(progress=40)
        >>> history = [job, job.cancel(), job.cancel(), job.complete()]
        >>> [(finding.index, finding.code) for finding in check_history(history)]
        [(3, 'outcome_replaced')]
    """
    return chain.from_iterable(map(Audit(lifecycle=lifecycle, edges=edges).add, snapshots))


@final
@attrs.define(kw_only=True, eq=False)
class Audit:
    """Judges snapshots one by one, as they come.

    It keeps the latest snapshot that came of each job. It pickles; a shallow copy shares what it
    knows, a deep copy does not.

    Args:
        lifecycle: As in `check_history`.
        edges: As in `check_history`.

    Raises:
        InvalidValueError: With the code ``invalid_option`` if `lifecycle` is none.

    Example:
        >>> audit = Audit()
        >>> audit.add(JobStatus("job-42", "failed", error="timeout"), line=1)
        []
        >>> (finding,) = audit.add(JobStatus("job-42", "failed", error="retry"), line=2)
        >>> finding.line, finding.message
        (2, "error: cannot change from 'timeout' to 'retry', failed is final")
    """

    lifecycle: Lifecycle = attrs.field(default=STANDARD, on_setattr=attrs.setters.frozen)
    edges: bool = attrs.field(default=False, on_setattr=attrs.setters.frozen)
    _rules: _Rules = attrs.field(init=False, repr=False)
    _last: dict[str, JobStatus] = attrs.field(init=False, repr=False, factory=dict[str, JobStatus])
    _count: int = attrs.field(init=False, repr=False, default=0)

    def __attrs_post_init__(self) -> None:
        if not is_a(self.lifecycle, Lifecycle):
            raise invalid_option("lifecycle", "a Lifecycle", self.lifecycle)
        self._rules = _rules(self.lifecycle, edges=bool(self.edges))

    @property
    def jobs(self) -> Mapping[str, JobStatus]:
        """The snapshot of each job that came last, by the job's id; read-only."""
        return MappingProxyType(self._last)

    def add(self, job: JobStatus[Any], *, line: int | None = None) -> list[Finding]:
        """Return what is wrong with a snapshot that comes after those which were added before.

        Args:
            job: The snapshot.
            line: Its line in a file, for the findings.

        Raises:
            TypeError: If the snapshot is not a JobStatus.
        """
        if type(job) is not JobStatus:
            raise TypeError(f"expected a JobStatus, got {excerpt(job)}")
        index = self._count
        self._count = index + 1
        before = self._last.get(job.id)
        self._last[job.id] = job
        # Most snapshots differ in their progress, and need not be compared whole.
        if before is not None and job.progress == before.progress and job == before:
            return []
        wrong = _oddities(job)
        if (fault := self._rules.judge(before, job)) is not None:
            wrong.insert(0, fault)
        if not wrong:
            return []
        # What was odd before, and still is, was said then.
        known = [] if before is None else [code for code, _ in _oddities(before)]
        return [
            Finding(code, message, index, line, before, job)
            for code, message in wrong
            if code not in known
        ]


@final
@attrs.frozen
class _Rules:
    """What may come after what, for each pair of states."""

    lifecycle: Lifecycle
    edges: bool
    verdicts: Mapping[Move, FindingCode | None]
    restarts: frozenset[Move]
    """The moves by which a job may begin its work anew, so that its progress may fall."""

    def judge(self, before: JobStatus | None, after: JobStatus) -> Wrong | None:
        """Return what is wrong with a move, or with the state that a job is first seen in."""
        if before is None:
            initial = self.lifecycle.initial
            if self.lifecycle.reaches(initial, after.status):
                return None
            message = f"status: expected a state that {initial} leads to, got {after.status}"
            return "illegal_move", message
        move = before.status, after.status
        verdict = self.verdicts[move]
        if verdict is not None:
            changed = before.status is after.status
            return verdict, _changes(before, after) if changed else self._move(*move)
        if _fell(before.progress, after.progress) and move not in self.restarts:
            least, came = _shown(before, "progress"), _shown(after, "progress")
            return "progress_fell", f"progress: expected at least {least}, got {came}"
        return None

    def _move(self, source: JobState, target: JobState) -> str:
        message = f"status: cannot go from {source} to {target}"
        if source in self.lifecycle.terminal:
            return f"{message}, {source} is final"
        legal = [state for state in JobState if self.verdicts[source, state] is None]
        allowed = ", ".join(state for state in legal if state is not source) or "nothing else"
        return f"{message}{' in one step' if self.edges else ''}, allowed: {allowed}"


@lru_cache(maxsize=32)  # for an audit may be made for each job
def _rules(lifecycle: Lifecycle, *, edges: bool) -> _Rules:
    may = lifecycle.allows if edges else lifecycle.reaches

    def verdict(source: JobState, target: JobState) -> FindingCode | None:
        if source in lifecycle.terminal:
            if target is source:
                return "changed_after_outcome"
            return "outcome_replaced" if target in lifecycle.terminal else "outcome_left"
        return None if target is source or may(source, target) else "illegal_move"

    def may_restart(source: JobState, target: JobState) -> bool:
        keeps = EFFECTS[target]["progress"] is Effect.KEEP
        return lifecycle.reaches(target, source) and not keeps

    moves = list(product(JobState, JobState))
    return _Rules(
        lifecycle,
        edges,
        {move: verdict(*move) for move in moves},
        frozenset((a, b) for a, b in moves if a is not b and may_restart(a, b)),
    )


def _fell(before: float | None, after: float | None) -> bool:
    return before is not None and after is not None and after < before


def _oddities(job: JobStatus) -> list[Wrong]:
    """Return what is legal in a snapshot, but left behind by no step."""
    state = job.status
    odd: list[Wrong] = []
    if job.error is None:
        if state in _NEEDS_ERROR:
            message = f"error: expected a string on a {state} job, got nothing"
            odd.append(("failed_without_error", message))
    elif state in _CLEARS_ERROR:
        message = f"error: expected nothing on a {state} job, got {_shown(job, 'error')}"
        odd.append(("error_without_failure", message))
    if state in _FILLS_PROGRESS and job.progress is not None and job.progress < _FULL:
        message = f"progress: expected 100 on a {state} job, got {_shown(job, 'progress')}"
        odd.append(("completed_below_100", message))
    return odd


def _changes(before: JobStatus, after: JobStatus) -> str:
    changes = [
        f"{field.key}: cannot change from {_shown(before, field.key)} to {_shown(after, field.key)}"
        for field in OPTIONAL
        if getattr(before, field.name) != getattr(after, field.name)
    ]
    return f"{'; '.join(changes)}, {after.status} is final"


def _shown(job: JobStatus, key: str) -> str:
    """Return what a job's payload has for a key, cut at 80 characters."""
    payload = cast("Mapping[str, object]", unstructure(job))
    return excerpt(payload[key]) if key in payload else "nothing"


def merge(first: JobStatus[Any], /, *others: JobStatus[Any]) -> JobStatus:
    """Return the latest of some snapshots of one job, whatever the order in which they arrived.

    The later state wins, as `jobstatus.STANDARD` has it; in the same state the greater progress;
    with equal progress the later estimate; then the greater error text, by code points. What is
    absent is least. The result is one of the snapshots, and every other one leads to it.

    This is the join of a semilattice: commutative, associative and idempotent, so that snapshots
    may be merged in any order, in any groups and more than once; a legal reducer for any engine. It
    knows `STANDARD` alone: where a job may go back, no snapshot tells which attempt it is of.

    Args:
        first: A snapshot.
        others: More snapshots of the same job.

    Raises:
        ConflictingOutcomesError: With both snapshots, if two have different outcomes: then an
            update was lost, and none of them is the latest.
        InvalidValueError: With the code ``mixed_jobs`` if the snapshots are not of one job.
        TypeError: If an argument is not a JobStatus.

    Example:
        >>> job = JobStatus.queued("job-42").start()
        >>> merge(job.update(progress=80), job, job.update(progress=40))
        JobStatus('job-42', 'processing', progress=80.0)
        >>> merge(job.cancel(), job.complete())
        Traceback (most recent call last):
        ...
        jobstatus.errors.ConflictingOutcomesError: status: expected one outcome of job 'job-42', ...
    """
    return reduce(_later, others, _later(first, first))


def _later(a: JobStatus, b: JobStatus) -> JobStatus:
    for job in (a, b):
        if type(job) is not JobStatus:
            raise TypeError(f"expected a JobStatus, got {excerpt(job)}")
    if a.id != b.id:
        message = f"id: expected snapshots of one job, got {excerpt(a.id)} and {excerpt(b.id)}"
        raise InvalidValueError("mixed_jobs", message)
    if a.status is b.status:
        return max(a, b, key=_stage)
    if STANDARD.reaches(a.status, b.status):
        return b
    if STANDARD.reaches(b.status, a.status):
        return a
    raise ConflictingOutcomesError(a, b)


def _stage(job: JobStatus) -> tuple[object, ...]:
    """Return what orders the snapshots of a job in one state."""
    optional = (job.progress, job.estimated_completion, job.error)
    # An absent field sorts before any value, and is never compared with one.
    return tuple((value is not None, value) for value in optional)
