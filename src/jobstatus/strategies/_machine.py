"""A state machine that holds a store or a service of JobStatus to the lifecycle."""

from __future__ import annotations

from typing import Any, ClassVar, Final, NoReturn

import attrs
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, MultipleResults, RuleBasedStateMachine, multiple, rule

from jobstatus._effects import EFFECTS, SETTABLE
from jobstatus._foreign import excerpt
from jobstatus._states import JobState
from jobstatus._status import JobStatus, enter
from jobstatus.lifecycle import STANDARD, Lifecycle
from jobstatus.strategies._histories import first_snapshots, givens, is_updatable, updates
from jobstatus.strategies._jobs import (
    Fields,
    OptionalDates,
    OptionalNumbers,
    OptionalTexts,
    Texts,
    fields_of,
)

# How many of its snapshots ago the caller looked at the job; mostly it has just looked.
_BEHIND: Final = st.sampled_from([0, 0, 0, 1, 2, 4])
_runner: Final = st.runner()


def _fields(machine: JobStatusMachine) -> Fields:
    return fields_of(machine.ids, machine.progress_values, machine.dates, machine.error_texts)


def _given(target: JobState) -> st.SearchStrategy[dict[str, Any]]:
    return _runner.flatmap(lambda machine: givens(target, _fields(machine)))


class JobStatusMachine(RuleBasedStateMachine):
    """Tests a store or a service: subclass it, and say how to create, move and read a job.

    The machine plays callers that create jobs, take legal and illegal steps, look and act late, and
    repeat themselves. It fails, with the calls that led there, if the system

    - accepts a move that the lifecycle does not allow, or refuses one that it does,
    - changes a job although it refused to, or one that nobody touched,
    - accepts a change and does not keep it,
    - lets a job be created again over one that is there.

    A caller who looked too early may be refused whatever it wants, and the system may keep the
    fields that this caller sent or those that have come since. What it must not do is to leave a
    terminal state, or to take a step that is not allowed from where the job is.

    The rules are ``new_job``, ``create_again``, ``queue``, ``start``, ``complete``, ``fail``,
    ``cancel``, ``update`` and ``repeat``. A subclass may add its own; to take one out, it sets the
    name to None.

    Attributes:
        lifecycle: The table that the system keeps; `jobstatus.STANDARD` if not set.
        ids: As in `job_statuses`, for a system that does not take any string; and so the rest.
        progress_values: As in `job_statuses`.
        dates: As in `job_statuses`.
        error_texts: As in `job_statuses`.

    Example:
        >>> from hypothesis import settings
        >>> from hypothesis.stateful import run_state_machine_as_test
        >>> class StoreMachine(JobStatusMachine):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.jobs = {}
        ...
        ...     def create(self, job):
        ...         return self.jobs.setdefault(job.id, job) is job
        ...
        ...     def apply(self, before, after):
        ...         accepts = self.jobs[after.id] == before and self.allows(before, after)
        ...         if accepts:
        ...             self.jobs[after.id] = after
        ...         return accepts
        ...
        ...     def read(self, id):
        ...         return self.jobs[id]
        >>> run_state_machine_as_test(StoreMachine, settings=settings(max_examples=20))

        In a test module, ``TestStore = StoreMachine.TestCase`` lets pytest and unittest run it.
    """

    lifecycle: ClassVar[Lifecycle] = STANDARD
    ids: ClassVar[Texts | None] = None
    progress_values: ClassVar[OptionalNumbers | None] = None
    dates: ClassVar[OptionalDates | None] = None
    error_texts: ClassVar[OptionalTexts | None] = None

    def __init__(self) -> None:
        super().__init__()
        self._histories: dict[str, list[JobStatus]] = {}

    def create(self, job: JobStatus) -> bool:
        """Create a job in the system, and tell whether it did.

        Args:
            job: A job in the initial state. There may be one with its id, which must stay as it is.
        """
        raise NotImplementedError(f"expected {type(self).__name__}.create")

    def apply(self, before: JobStatus, after: JobStatus) -> bool:
        """Ask the system to move a job, and tell whether it did.

        A store that takes snapshots is given `after`; a service that takes steps is told which
        step leads from `before` to `after`.

        Args:
            before: The job as the caller last saw it; perhaps not as it is.
            after: The job as the caller wants it; the same id, and perhaps no legal next state.
        """
        raise NotImplementedError(f"expected {type(self).__name__}.apply")

    def read(self, id: str) -> JobStatus:
        """Return a job that was created, as the system has it now."""
        raise NotImplementedError(f"expected {type(self).__name__}.read")

    def allows(self, before: JobStatus, after: JobStatus) -> bool:
        """Tell whether the system has to accept a move, from a caller who has just looked.

        It is whether `lifecycle` allows it, or whether it updates a job that is queued or
        processing, if these are not terminal. A system with stricter rules overrides this.
        """
        if before.status is after.status and is_updatable(before.status, self.lifecycle):
            return True
        return self.lifecycle.allows(before.status, after.status)

    _created: Bundle[str] = Bundle("jobs")

    @rule(
        target=_created,
        job=_runner.flatmap(lambda machine: first_snapshots(machine.lifecycle, _fields(machine))),
    )
    def new_job(self, job: JobStatus) -> str | MultipleResults[str]:
        """Create a job; now and then over one that is there."""
        is_new = job.id not in self._histories
        created = _bool(self.create(job), "create")
        if not is_new:
            self._check("created a job over one that was there", wanted=job)
            return multiple()
        if not created:
            _fail("refused to create a new job", wanted=job)
        self._histories[job.id] = [job]
        self._check("did not keep a job as it was created", wanted=job)
        return job.id

    @rule(
        id=_created,
        estimate=_runner.flatmap(lambda machine: _fields(machine).optional["estimated_completion"]),
    )
    def create_again(self, id: str, estimate: Any) -> None:
        """Create a job over one that is there."""
        first = self._histories[id][0]
        self.new_job(attrs.evolve(first, estimated_completion=estimate))

    @rule(id=_created, given=_given(JobState.QUEUED), behind=_BEHIND)
    def queue(self, id: str, given: dict[str, Any], behind: int) -> None:
        """Queue a job again."""
        self._step(id, JobState.QUEUED, given, behind)

    @rule(id=_created, given=_given(JobState.PROCESSING), behind=_BEHIND)
    def start(self, id: str, given: dict[str, Any], behind: int) -> None:
        """Start a job."""
        self._step(id, JobState.PROCESSING, given, behind)

    @rule(id=_created, given=_given(JobState.COMPLETED), behind=_BEHIND)
    def complete(self, id: str, given: dict[str, Any], behind: int) -> None:
        """Complete a job."""
        self._step(id, JobState.COMPLETED, given, behind)

    @rule(id=_created, given=_given(JobState.FAILED), behind=_BEHIND)
    def fail(self, id: str, given: dict[str, Any], behind: int) -> None:
        """Fail a job."""
        self._step(id, JobState.FAILED, given, behind)

    @rule(id=_created, given=_given(JobState.CANCELLED), behind=_BEHIND)
    def cancel(self, id: str, given: dict[str, Any], behind: int) -> None:
        """Cancel a job."""
        self._step(id, JobState.CANCELLED, given, behind)

    @rule(
        id=_created,
        given=_runner.flatmap(lambda machine: updates(_fields(machine))),
        behind=_BEHIND,
    )
    def update(self, id: str, given: dict[str, Any], behind: int) -> None:
        """Update the progress or the estimate of a job."""
        before = self._seen(id, behind)
        self._move(before, attrs.evolve(before, **given))

    @rule(id=_created, behind=_BEHIND)
    def repeat(self, id: str, behind: int) -> None:
        """Ask once more for a move that was made: a message that is delivered twice, or late."""
        after = self._seen(id, behind)
        self._move(self._seen(id, behind + 1), after)

    def _seen(self, id: str, behind: int) -> JobStatus:
        history = self._histories[id]
        return history[max(0, len(history) - 1 - behind)]

    def _step(self, id: str, target: JobState, given: dict[str, Any], behind: int) -> None:
        before = self._seen(id, behind)
        self._move(before, enter(before, target, given))

    def _move(self, before: JobStatus, after: JobStatus) -> None:
        history = self._histories[after.id]
        current = history[-1]
        accepted = _bool(self.apply(before, after), "apply")
        jobs = {"was": current, "seen": before, "wanted": after}
        if accepted and after != current:
            found = self.read(after.id)
            if not self.allows(current, after):
                _fail("accepted an illegal move", **jobs, found=found)
            if found not in (after, _applied(current, after)):
                _fail("did not keep a move that it accepted", **jobs, found=found)
            history.append(found)
        elif before == current != after and self.allows(current, after):
            _fail("refused a legal move", **jobs)
        self._check("changed a job that was to stay as it was", **jobs)

    def _check(self, complaint: str, **jobs: JobStatus) -> None:
        for history in self._histories.values():
            if (found := self.read(history[0].id)) != history[-1]:
                _fail(complaint, **jobs | {"was": history[-1], "found": found})


def _applied(current: JobStatus, after: JobStatus) -> JobStatus:
    """Return what a step like that of a late caller makes of the job as it is."""
    if after.status is current.status:
        progress, estimate = after.progress, after.estimated_completion
        return attrs.evolve(current, progress=progress, estimated_completion=estimate)
    effects = EFFECTS[after.status]
    given = {name: getattr(after, name) for name in effects if effects[name] in SETTABLE}
    return enter(current, after.status, given)


def _bool(answer: object, method: str) -> bool:
    if not isinstance(answer, bool):
        raise TypeError(f"expected True or False from {method}, got {excerpt(answer)}")
    return answer


def _fail(complaint: str, **jobs: JobStatus) -> NoReturn:
    lines = [f"  {name + ':':8}{job!r}" for name, job in jobs.items()]
    raise AssertionError("\n".join([complaint, *lines]))
