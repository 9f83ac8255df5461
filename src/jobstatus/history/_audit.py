"""Check snapshots in order of arrival against a lifecycle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from itertools import chain, product
from types import MappingProxyType
from typing import Any, Final, TypeAlias, final

import attrs

from jobstatus._fields import OPTIONAL
from jobstatus._states import JobState
from jobstatus._status import JobStatus
from jobstatus._untrusted import excerpt, is_a
from jobstatus._wire import as_number, invalid_option
from jobstatus.dates import format_utc
from jobstatus.errors import alternatives, require_job
from jobstatus.history._findings import Finding, FindingCode
from jobstatus.lifecycle import EFFECTS, STANDARD, Effect, Lifecycle
from jobstatus.validators import MAX_PROGRESS

Move: TypeAlias = tuple[JobState, JobState]
"""The states of two consecutive snapshots of a job; possibly equal."""

CodedMessage: TypeAlias = tuple[FindingCode, str]


def _states_with(field: str, effect: Effect) -> frozenset[JobState]:
    return frozenset(state for state, effects in EFFECTS.items() if effects[field] is effect)


_NEEDS_ERROR: Final = _states_with("error", Effect.NEED)
_CLEARS_ERROR: Final = _states_with("error", Effect.CLEAR)
_FILLS_PROGRESS: Final = _states_with("progress", Effect.FULL)


def check_history(
    snapshots: Iterable[JobStatus[Any]], *, lifecycle: Lifecycle = STANDARD, gaps: bool = True
) -> Iterator[Finding]:
    """Return the findings in the histories of any number of jobs, reading snapshots lazily.

    It compares each snapshot with the previous one of the same job, and accepts a repeated one. It
    keeps one snapshot of each job in memory. If snapshots arrive one at a time or have line
    numbers, use `Audit`.

    Args:
        snapshots: Snapshots of any jobs, in order of arrival.
        lifecycle: The legal transitions.
        gaps: Whether snapshots may be missing, as for a poller (`Lifecycle.reaches`). If False,
            each move must be one transition (`Lifecycle.allows`), as in a producer's own record.

    Raises:
        InvalidValueError: With the code ``invalid_option`` if `lifecycle` is not a Lifecycle.
        TypeError: During iteration, if a snapshot is not a JobStatus.

    Example:
        >>> job = JobStatus.queued("job-42").start(progress=40)
        >>> history = [job, job.cancel(), job.cancel(), job.complete()]
        >>> [(finding.index, finding.code) for finding in check_history(history)]
        [(3, 'outcome_replaced')]
    """
    return chain.from_iterable(map(Audit(lifecycle=lifecycle, gaps=gaps).add, snapshots))


@final
@attrs.define(kw_only=True, eq=False)
class Audit:
    """Checks snapshots one at a time, in order of arrival.

    It keeps the last snapshot of each job. You can pickle it. A shallow copy shares its memory of
    snapshots; a deep copy does not.

    Args:
        lifecycle: As in `check_history`.
        gaps: As in `check_history`.

    Raises:
        InvalidValueError: With the code ``invalid_option`` if `lifecycle` is not a Lifecycle.

    Example:
        >>> audit = Audit()
        >>> audit.add(JobStatus("job-42", "failed", error="timeout"), line=1)
        []
        >>> (finding,) = audit.add(JobStatus("job-42", "failed", error="retry"), line=2)
        >>> finding.line, finding.message
        (2, "error: cannot change from 'timeout' to 'retry', because failed is terminal")
    """

    lifecycle: Lifecycle = attrs.field(default=STANDARD, on_setattr=attrs.setters.frozen)
    gaps: bool = attrs.field(default=True, on_setattr=attrs.setters.frozen)
    _rules: _Rules = attrs.field(init=False, repr=False)
    _last: dict[str, JobStatus] = attrs.field(init=False, repr=False, factory=dict[str, JobStatus])
    # A list, so that counting assigns no attribute: attrs runs a hook on each assignment (0.6 µs).
    _count: list[int] = attrs.field(init=False, repr=False, factory=lambda: [0])

    def __attrs_post_init__(self) -> None:
        if not is_a(self.lifecycle, Lifecycle):
            raise invalid_option("lifecycle", "a Lifecycle", self.lifecycle)
        self._rules = _rules(self.lifecycle, gaps=bool(self.gaps))

    @property
    def jobs(self) -> Mapping[str, JobStatus]:
        """The last snapshot of each job, by the job's id; read-only."""
        return MappingProxyType(self._last)

    def add(self, job: JobStatus[Any], *, line: int | None = None) -> list[Finding]:
        """Return the findings for the next snapshot, compared with those added before.

        Args:
            job: The snapshot.
            line: Its line number in a file, for the findings.

        Raises:
            TypeError: If the snapshot is not a JobStatus.
        """
        require_job(job)
        index = self._count[0]
        self._count[0] = index + 1
        before = self._last.get(job.id)
        self._last[job.id] = job
        # Most moves are legal and lead to a snapshot that is not odd. Testing this first saves
        # 0.25 µs.
        if (
            before is not None
            and job.error is None
            and job.status in self._rules.uneventful[before.status]
            and not _fell(before.progress, job.progress)
        ):
            return []
        # Comparing progress first is faster, because most snapshots differ in it.
        if before is not None and job.progress == before.progress and job == before:
            return []
        found = _oddities(job)
        if (fault := self._rules.judge(before, job)) is not None:
            found.insert(0, fault)
        if not found:
            return []
        # If the previous snapshot had the same oddity, it was reported then.
        known = [] if before is None else [code for code, _ in _oddities(before)]
        return [
            Finding(code, message, index, line, before, job)
            for code, message in found
            if code not in known
        ]


@final
@attrs.frozen
class _Rules:
    """The verdict on each move, computed once for a lifecycle."""

    lifecycle: Lifecycle
    gaps: bool
    verdicts: Mapping[Move, FindingCode | None]
    restarts: frozenset[Move]
    """The moves that may restart a job, so its progress may fall."""
    uneventful: Mapping[JobState, frozenset[JobState]]
    """For each state, the states that a next snapshot may have, including the same one.

    Without failed and completed, in which a job without an error may still be odd.
    """

    def judge(self, before: JobStatus | None, after: JobStatus) -> CodedMessage | None:
        """Return the rule broken by a move or by a job's first state, or None."""
        if before is None:
            initial = self.lifecycle.initial
            if self.lifecycle.reaches(initial, after.status):
                return None
            message = f"status: expected a state that {initial} can reach, got {after.status}"
            return "illegal_move", message
        move = before.status, after.status
        verdict = self.verdicts[move]
        if verdict == "changed_after_outcome":
            changes = _changes(before, after)
            return (verdict, changes) if changes else None
        if verdict is not None:
            return verdict, self._move(*move)
        if _fell(before.progress, after.progress) and move not in self.restarts:
            least, came = _shown(before.progress), _shown(after.progress)
            return "progress_fell", f"progress: expected at least {least}, got {came}"
        return None

    def _move(self, source: JobState, target: JobState) -> str:
        message = f"status: cannot go from {source} to {target}"
        if source in self.lifecycle.terminal:
            return f"{message}, because {source} is terminal"
        legal = [state for state in JobState if self.verdicts[source, state] is None]
        others = [state for state in legal if state is not source]
        message += "" if self.gaps else " in one transition"
        return f"{message}, " + (
            f"only to {alternatives(others)}" if others else "nor to any other state"
        )


@lru_cache(maxsize=32)  # a program may make an Audit for each job
def _rules(lifecycle: Lifecycle, *, gaps: bool) -> _Rules:
    may = lifecycle.reaches if gaps else lifecycle.allows

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
    plain = frozenset(JobState) - _NEEDS_ERROR - _FILLS_PROGRESS
    return _Rules(
        lifecycle,
        gaps,
        {move: verdict(*move) for move in moves},
        frozenset((a, b) for a, b in moves if a is not b and may_restart(a, b)),
        {a: frozenset(b for b in plain if verdict(a, b) is None) for a in JobState},
    )


def _fell(before: float | None, after: float | None) -> bool:
    return before is not None and after is not None and after < before


def _oddities(job: JobStatus) -> list[CodedMessage]:
    """Return what is odd about a job: legal combinations of fields that no transition produces."""
    state = job.status
    odd: list[CodedMessage] = []
    if job.error is None:
        if state in _NEEDS_ERROR:
            message = f"error: expected a text on a {state} job, got nothing"
            odd.append(("failed_without_error", message))
    elif state in _CLEARS_ERROR:
        message = f"error: expected no text on a {state} job, got {_shown(job.error)}"
        odd.append(("error_without_failure", message))
    if state in _FILLS_PROGRESS and job.progress is not None and job.progress < MAX_PROGRESS:
        message = f"progress: expected 100 on a {state} job, got {_shown(job.progress)}"
        odd.append(("completed_below_100", message))
    return odd


def _changes(before: JobStatus, after: JobStatus) -> str:
    changes = [
        f"{field.key}: cannot change from {_shown(old)} to {_shown(new)}"
        for field in OPTIONAL
        if (old := getattr(before, field.name)) != (new := getattr(after, field.name))
    ]
    return f"{'; '.join(changes)}, because {after.status} is terminal" if changes else ""


def _shown(value: object) -> str:
    """Return a field's value as it is in a payload, cut at 80 characters."""
    match value:
        case None:
            return "nothing"
        case float():
            return excerpt(as_number(value))
        case datetime():
            return excerpt(format_utc(value))
        case _:
            return excerpt(value)
