"""State machines that test whether a store or a service of JobStatus keeps the lifecycle."""

import asyncio
import atexit
import threading
from collections.abc import Awaitable
from inspect import isawaitable, iscoroutinefunction
from typing import Any, ClassVar, Final, NamedTuple, NoReturn, TypeVar, cast

import attrs
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, MultipleResults, RuleBasedStateMachine, multiple, rule

from jobstatus._states import JobState
from jobstatus._status import JobStatus, enter
from jobstatus._untrusted import excerpt
from jobstatus.lifecycle import EFFECTS, STANDARD, Lifecycle
from jobstatus.strategies import _values
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
# Some of these are one row for a database that ignores case, accents or trailing blanks.
_NEAR_IDS: Final = st.sampled_from(["a", "A", "a ", "\u00e1", "b", "B", "\u0131", "i", "I"])
_thread: Final = threading.local()
T = TypeVar("T")


class _Seen(NamedTuple):
    """A job as a caller saw it, with the token of its version in strict mode."""

    token: Any
    job: JobStatus


def _fields(machine: "_Machine") -> Fields:
    return fields_of(machine.ids, machine.progress_values, machine.dates, machine.error_texts)


def _given(target: JobState) -> st.SearchStrategy[dict[str, Any]]:
    return _runner.flatmap(lambda machine: step_fields(target, _fields(machine)))


class _Machine(RuleBasedStateMachine):
    """The rules of both machines."""

    lifecycle: ClassVar[Lifecycle] = STANDARD
    ids: ClassVar[Texts | None] = None
    progress_values: ClassVar[OptionalNumbers | None] = None
    dates: ClassVar[OptionalDates | None] = None
    error_texts: ClassVar[OptionalTexts | None] = None
    _is_strict: ClassVar[bool]

    def __init__(self) -> None:
        super().__init__()
        self._histories: dict[str, list[_Seen]] = {}
        if iscoroutinefunction(self.teardown):
            raise TypeError("teardown: cannot be a coroutine; call self.run in it")

    def create(self, job: JobStatus) -> bool | Awaitable[bool]:
        """Create a job in the system, and return whether it was created.

        Args:
            job: A job in the initial state. An existing job with its id must not change.
        """
        raise NotImplementedError(f"{type(self).__name__} must define create()")

    def allows(self, before: JobStatus, after: JobStatus) -> bool:
        """Return whether the system must accept a move from a caller with current data.

        This asks `Lifecycle.accepts`. Override it for a system with stricter rules.
        """
        return self.lifecycle.accepts(before.status, after.status)

    def run(self, awaitable: Awaitable[T]) -> T:
        """Wait for a coroutine in the event loop of the machines, and return its result.

        Call it in ``__init__``, ``teardown`` and rules of your own, which cannot be coroutines.
        """
        runner: asyncio.Runner | None = getattr(_thread, "runner", None)
        if runner is None:
            runner = _thread.runner = asyncio.Runner()
            atexit.register(runner.close)
        return runner.run(_wait(awaitable))

    def _result(self, value: Awaitable[T] | T) -> T:
        return self.run(cast("Awaitable[T]", value)) if isawaitable(value) else value

    def _read(self, id: str) -> _Seen:
        raise NotImplementedError  # pragma: no cover - both machines define it

    def _apply(self, seen: _Seen, after: JobStatus) -> bool | Awaitable[bool]:
        raise NotImplementedError  # pragma: no cover - as above

    _created: Bundle[str] = Bundle("jobs")

    @rule(
        target=_created,
        job=_runner.flatmap(lambda machine: first_snapshots(machine.lifecycle, _fields(machine))),
    )
    def new_job(self, job: JobStatus) -> str | MultipleResults[str]:
        """Create a job, now and then over an existing one."""
        is_new = job.id not in self._histories
        created = _bool(self._result(self.create(job)), "create")
        if not is_new:
            self._check("created a job over one that was there", wanted=job)
            return multiple()
        if not created:
            _fail("rejected a new job", wanted=job)
        self._histories[job.id] = [_Seen(None, job)]
        self._check("did not keep a job as it was created", wanted=job)
        self._histories[job.id] = [self._read(job.id)]
        return job.id

    @rule(
        id=_created,
        estimate=_runner.flatmap(lambda machine: _fields(machine).optional["estimated_completion"]),
    )
    def create_again(self, id: str, estimate: Any) -> None:
        """Create a job over an existing one."""
        first = self._histories[id][0].job
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
        seen = self._seen(id, behind)
        self._move(seen, attrs.evolve(seen.job, **given))

    @rule(id=_created, behind=_BEHIND)
    def repeat(self, id: str, behind: int) -> None:
        """Repeat a move that was made, like a message that is delivered twice or late."""
        after = self._seen(id, behind).job
        self._move(self._seen(id, behind + 1), after)

    def _seen(self, id: str, behind: int) -> _Seen:
        history = self._histories[id]
        return history[max(0, len(history) - 1 - behind)]

    def _step(self, id: str, target: JobState, given: dict[str, Any], behind: int) -> None:
        seen = self._seen(id, behind)
        self._move(seen, enter(seen.job, target, **given))

    def _move(self, seen: _Seen, after: JobStatus) -> None:
        history = self._histories[after.id]
        last = history[-1]
        current = last.job
        is_current = seen is last if self._is_strict else seen.job == current
        accepted = _bool(self._result(self._apply(seen, after)), "apply")
        jobs = {"was": current, "seen": seen.job, "wanted": after}
        if accepted and after != current:
            found = self._read(after.id)
            if not self.allows(current, after):
                _fail("accepted an illegal move", **jobs, found=found.job)
            if self._is_strict and not is_current:
                _fail("accepted a move from an old version", **jobs, found=found.job)
            if found.job != after and (self._is_strict or found.job != _applied(current, after)):
                _fail("did not keep a move that it accepted", **jobs, found=found.job)
            history.append(found)
        elif accepted:
            history[-1] = self._read(after.id)  # a store may count this as a change, too
        elif is_current and current != after and self.allows(current, after):
            _fail("rejected a legal transition", **jobs)
        self._check("changed a job that should not change", **jobs)

    def _check(self, complaint: str, **jobs: JobStatus) -> None:
        for history in self._histories.values():
            last = history[-1].job
            if (found := self._read(last.id).job) != last:
                _fail(complaint, **jobs | {"was": last, "found": found})


class JobStatusMachine(_Machine):
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

    The methods may be coroutines. They run in one event loop for all machines of a thread, and
    `run` waits for other coroutines there.

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

    _is_strict = False

    def apply(self, before: JobStatus, after: JobStatus) -> bool | Awaitable[bool]:
        """Ask the system to move a job, and return whether it accepted the move.

        For a store of snapshots, save `after`. For a service with an endpoint for each step, call
        the one that leads from `before` to `after`.

        Args:
            before: The job as the caller last saw it; it may have changed since.
            after: The job as the caller wants it, with the same id; the move may be illegal.
        """
        raise NotImplementedError(f"{type(self).__name__} must define apply()")

    def read(self, id: str) -> JobStatus | Awaitable[JobStatus]:
        """Return the current status of a job that was created."""
        raise NotImplementedError(f"{type(self).__name__} must define read()")

    def _read(self, id: str) -> _Seen:
        return _Seen(None, self._result(self.read(id)))

    def _apply(self, seen: _Seen, after: JobStatus) -> bool | Awaitable[bool]:
        return self.apply(seen.job, after)


class StrictJobStatusMachine(_Machine):
    """Test a store that compares versions, as `JobStatusMachine` tests any store.

    `read` returns a job with a token of its version, and `apply` gets the token that the caller
    read. In addition to what `JobStatusMachine` finds, this machine fails if the system

    - accepts a change from an old version, even one that leaves the state as it is,
    - takes ids that differ only in case, in an accent or in a trailing blank for one job.

    Rules and attributes are those of `JobStatusMachine`. ``ids`` draws ids that nearly equal.

    Example:
        >>> from hypothesis import settings
        >>> from hypothesis.stateful import run_state_machine_as_test
        >>> class StoreMachine(StrictJobStatusMachine):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.jobs = {}
        ...
        ...     def create(self, job):
        ...         return self.jobs.setdefault(job.id, (1, job))[1] is job
        ...
        ...     def apply(self, token, after):
        ...         version, job = self.jobs[after.id]
        ...         accepts = version == token and self.allows(job, after)
        ...         if accepts:
        ...             self.jobs[after.id] = version + 1, after
        ...         return accepts
        ...
        ...     def read(self, id):
        ...         return self.jobs[id]
        >>> run_state_machine_as_test(StoreMachine, settings=settings(max_examples=20))
    """

    ids: ClassVar[Texts | None] = _NEAR_IDS | _values.ids()
    _is_strict = True

    def apply(self, token: Any, after: JobStatus) -> bool | Awaitable[bool]:
        """Ask the system to move a job, and return whether it accepted the move.

        Args:
            token: The token that `read` returned when the caller saw the job.
            after: The job as the caller wants it; the move may be illegal, and the token old.
        """
        raise NotImplementedError(f"{type(self).__name__} must define apply()")

    def read(self, id: str) -> tuple[Any, JobStatus] | Awaitable[tuple[Any, JobStatus]]:
        """Return a token of the current version of a job that was created, and its status."""
        raise NotImplementedError(f"{type(self).__name__} must define read()")

    def _read(self, id: str) -> _Seen:
        found: Any = self._result(self.read(id))
        try:
            token, job = found
        except (TypeError, ValueError):
            token = job = None
        if type(job) is not JobStatus:
            raise TypeError(f"read: expected a token and a JobStatus, got {excerpt(found)}")
        return _Seen(token, job)

    def _apply(self, seen: _Seen, after: JobStatus) -> bool | Awaitable[bool]:
        return self.apply(seen.token, after)


async def _wait(value: Awaitable[T]) -> T:
    return await value


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
