"""A state machine that tests whether a store or a service of JobStatus keeps the lifecycle."""

from typing import Any, ClassVar, Final, NoReturn

import attrs
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, MultipleResults, RuleBasedStateMachine, multiple, rule

from jobstatus._states import JobState
from jobstatus._status import JobStatus, enter
from jobstatus._untrusted import excerpt
from jobstatus.lifecycle import EFFECTS, STANDARD, Lifecycle
from jobstatus.strategies._histories import first_snapshots, step_fields, update_fields
from jobstatus.strategies._payloads import (
    Fields,
    OptionalDates,
    OptionalNumbers,
    OptionalTexts,
    Texts,
    fields_of,
)

# The number of snapshots by which the caller is behind: mostly none.
_BEHIND: Final = st.sampled_from([0, 0, 0, 1, 2, 4])
_runner: Final = st.runner()


def _fields(machine: "JobStatusMachine") -> Fields:
    return fields_of(machine.ids, machine.progress_values, machine.dates, machine.error_texts)


def _given(target: JobState) -> st.SearchStrategy[dict[str, Any]]:
    return _runner.flatmap(lambda machine: step_fields(target, _fields(machine)))


class JobStatusMachine(RuleBasedStateMachine):
    """Test a store or service: subclass this, and define how to create, move and read a job.

    The machine plays callers that create jobs, take legal and illegal steps, act on stale data, and
    repeat requests. It fails, and prints the calls that led there, if the system

    - accepts a move that the lifecycle does not allow, or rejects one that it does,
    - changes a job although it rejected the move, or changes a job that nobody touched,
    - accepts a change and does not keep it,
    - creates a job over an existing one.

    The system may reject a request based on stale data. If it accepts the request, it may keep the
    caller's fields or the newer ones. It must not leave a terminal state, or take a step that is
    illegal from the job's current state.

    The rules are ``new_job``, ``create_again``, ``queue``, ``start``, ``complete``, ``fail``,
    ``cancel``, ``update`` and ``repeat``. A subclass may add rules, and remove one by setting its
    name to None.

    Attributes:
        lifecycle: The lifecycle that the system keeps; by default `jobstatus.STANDARD`.

    The attributes ``ids``, ``progress_values``, ``dates`` and ``error_texts`` are the arguments for
    `job_statuses`. Set them if the system cannot store every legal value.

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
        """Create a job in the system, and return whether it was created.

        Args:
            job: A job in the initial state. An existing job with its id must not change.
        """
        raise NotImplementedError(f"{type(self).__name__} must define create()")

    def apply(self, before: JobStatus, after: JobStatus) -> bool:
        """Ask the system to move a job, and return whether it accepted the move.

        For a store of snapshots, save `after`. For a service with an endpoint for each step, call
        the one that leads from `before` to `after`.

        Args:
            before: The job as the caller last saw it; it may have changed since.
            after: The job as the caller wants it, with the same id; the move may be illegal.
        """
        raise NotImplementedError(f"{type(self).__name__} must define apply()")

    def read(self, id: str) -> JobStatus:
        """Return the current status of a job that was created."""
        raise NotImplementedError(f"{type(self).__name__} must define read()")

    def allows(self, before: JobStatus, after: JobStatus) -> bool:
        """Return whether the system must accept a move from a caller with current data.

        This asks `Lifecycle.accepts`. Override it for a system with stricter rules.
        """
        return self.lifecycle.accepts(before.status, after.status)

    _created: Bundle[str] = Bundle("jobs")

    @rule(
        target=_created,
        job=_runner.flatmap(lambda machine: first_snapshots(machine.lifecycle, _fields(machine))),
    )
    def new_job(self, job: JobStatus) -> str | MultipleResults[str]:
        """Create a job, now and then over an existing one."""
        is_new = job.id not in self._histories
        created = _bool(self.create(job), "create")
        if not is_new:
            self._check("created a job over one that was there", wanted=job)
            return multiple()
        if not created:
            _fail("rejected a new job", wanted=job)
        self._histories[job.id] = [job]
        self._check("did not keep a job as it was created", wanted=job)
        return job.id

    @rule(
        id=_created,
        estimate=_runner.flatmap(lambda machine: _fields(machine).optional["estimated_completion"]),
    )
    def create_again(self, id: str, estimate: Any) -> None:
        """Create a job over an existing one."""
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
        given=_runner.flatmap(lambda machine: update_fields(_fields(machine))),
        behind=_BEHIND,
    )
    def update(self, id: str, given: dict[str, Any], behind: int) -> None:
        """Update the progress or the estimate of a job."""
        before = self._seen(id, behind)
        self._move(before, attrs.evolve(before, **given))

    @rule(id=_created, behind=_BEHIND)
    def repeat(self, id: str, behind: int) -> None:
        """Repeat a move that was made, like a message that is delivered twice or late."""
        after = self._seen(id, behind)
        self._move(self._seen(id, behind + 1), after)

    def _seen(self, id: str, behind: int) -> JobStatus:
        history = self._histories[id]
        return history[max(0, len(history) - 1 - behind)]

    def _step(self, id: str, target: JobState, given: dict[str, Any], behind: int) -> None:
        before = self._seen(id, behind)
        self._move(before, enter(before, target, **given))

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
            _fail("rejected a legal transition", **jobs)
        self._check("changed a job that should not change", **jobs)

    def _check(self, complaint: str, **jobs: JobStatus) -> None:
        for history in self._histories.values():
            if (found := self.read(history[0].id)) != history[-1]:
                _fail(complaint, **jobs | {"was": history[-1], "found": found})


def _applied(current: JobStatus, after: JobStatus) -> JobStatus:
    """Return the current job after the step that a caller with stale data wants."""
    if after.status is current.status:
        progress, estimate = after.progress, after.estimated_completion
        return attrs.evolve(current, progress=progress, estimated_completion=estimate)
    effects = EFFECTS[after.status]
    given = {name: getattr(after, name) for name in effects if effects[name].settable}
    return enter(current, after.status, **given)


def _bool(answer: object, method: str) -> bool:
    if not isinstance(answer, bool):
        raise TypeError(f"{method}: expected True or False, got {excerpt(answer)}")
    return answer


def _fail(complaint: str, **jobs: JobStatus) -> NoReturn:
    lines = [f"  {name + ':':8}{job!r}" for name, job in jobs.items()]
    raise AssertionError("\n".join([complaint, *lines]))
