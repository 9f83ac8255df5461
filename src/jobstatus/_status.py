"""JobStatus: the interface as an immutable value, and its steps.

Whether a step is legal stands in `lifecycle.py`, what it does to the fields in `_effects.py`, and
what a field may hold in `_fields.py`. This module puts them together.
"""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, TypeGuard, final, overload

import attrs
from attrs import NOTHING, NothingType
from typing_extensions import TypeVar

from jobstatus._effects import EFFECTS
from jobstatus._fields import FIELDS, OPTIONAL, STATUS, Field, collect
from jobstatus._states import (
    Cancelled,
    Completed,
    Failed,
    JobState,
    Processing,
    Queued,
    StateName,
    parse_state,
)
from jobstatus.errors import IllegalTransitionError
from jobstatus.lifecycle import STANDARD, Lifecycle

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic_core import CoreSchema

    from jobstatus._json import Document
    from jobstatus._payload import Payload

S_co = TypeVar("S_co", bound=JobState, covariant=True, default=Any)
ActiveJob = TypeVar("ActiveJob", bound="JobStatus[Queued | Processing]")


class Draft:
    """What a JobStatus stores, while it can still be stored.

    Stores are quick, where every way to set a field of a frozen class is a call. `_fast` fills a
    draft with what it has checked, and changes its class; for that the slots must be these.
    """

    __slots__ = (*(field.name for field in FIELDS), "__weakref__")


@final
@attrs.frozen(init=False, getstate_setstate=False)
class JobStatus(Draft, Generic[S_co]):
    """The status of a background job, as the TypeScript interface ``JobStatus`` has it.

    A value of this class is valid in whatever way it was made, and never changes. The parameter
    tells type checkers in which state the job is: ``JobStatus[Queued]`` has `start`, and
    ``JobStatus[Completed]`` has not. What was read is ``JobStatus[Any]``, whose steps are checked
    at run time alone.

    Args:
        id: Any string.
        status: A `JobState`, or its string.
        progress: Any real number from 0 to 100, but not a bool; held as a float.
        estimated_completion: An aware datetime; held in UTC, cut to whole milliseconds.
        error: Any string.

    Raises:
        InvalidJobStatusError: With one problem for each wrong field.

    Example:
        >>> job = JobStatus.queued("job-42").start().update(progress=40)
        >>> job.to_json()
        '{"id":"job-42","status":"processing","progress":40}'
        >>> job.complete()
        JobStatus('job-42', 'completed', progress=100.0)
    """

    id: str
    status: JobState
    progress: float | None = attrs.field(default=None, kw_only=True)
    estimated_completion: datetime | None = attrs.field(default=None, kw_only=True)
    error: str | None = attrs.field(default=None, kw_only=True)

    # Written out, for attrs' own would check through validators, which a process can disable, and
    # would set some fields before it refuses another.
    def __init__(
        self,
        id: str,
        status: JobState | StateName,
        *,
        progress: float | None = None,
        estimated_completion: datetime | None = None,
        error: str | None = None,
    ) -> None:
        if hasattr(self, "id"):
            # A second call, on a value that others may hold.
            raise attrs.exceptions.FrozenInstanceError
        given = (id, status, progress, estimated_completion, error)
        raw = dict(zip(FIELDS, given, strict=True))
        for name, value in collect(FIELDS, lambda field: field.parse(raw[field])).items():
            object.__setattr__(self, name, value)

    def __attrs_post_init__(self) -> None:
        # msgspec's decoder makes objects of attrs' classes without __init__, and calls this.
        raise TypeError("a JobStatus is read by from_json or a Codec, not attribute by attribute")

    def __init_subclass__(cls) -> None:
        raise TypeError("JobStatus is final: a subclass could not keep its promises")

    def __repr__(self) -> str:
        optional = (
            f", {field.name}={getattr(self, field.name)!r}"
            for field in OPTIONAL
            if getattr(self, field.name) is not None
        )
        return f"JobStatus({self.id!r}, {self.status.value!r}{''.join(optional)})"

    def _repr_pretty_(self, printer: Any, _: bool) -> None:  # noqa: FBT001 - IPython's protocol
        # Hypothesis and IPython would lay an attrs class out by its fields.
        printer.text(repr(self))

    def __reduce__(self) -> tuple[object, ...]:
        values = (self.id, self.status.value, self.progress, self.estimated_completion, self.error)
        return _rebuild, values

    def __copy__(self) -> JobStatus[S_co]:
        return self

    def __deepcopy__(self, _: object) -> JobStatus[S_co]:
        return self

    @classmethod
    def queued(cls, id: str, *, estimated_completion: datetime | None = None) -> JobStatus[Queued]:
        """Return a new job that waits for a worker.

        Raises:
            InvalidJobStatusError: If a value is not allowed.

        Example:
            >>> JobStatus.queued("job-42")
            JobStatus('job-42', 'queued')
        """
        return JobStatus(id, JobState.QUEUED, estimated_completion=estimated_completion)

    def start(
        self: JobStatus[Queued],
        *,
        progress: float | NothingType | None = NOTHING,
        estimated_completion: datetime | NothingType | None = NOTHING,
    ) -> JobStatus[Processing]:
        """Return the job as a worker takes it.

        Args:
            progress: From 0 to 100, or None for absent; what it was, if not given.
            estimated_completion: An aware datetime, or None for absent; what it was, if not given.

        Raises:
            IllegalTransitionError: If the job is not queued.
            InvalidJobStatusError: If a value is not allowed.

        Example:
            >>> JobStatus.queued("job-42").start(progress=0)
            JobStatus('job-42', 'processing', progress=0.0)
        """
        return self.transition_to(
            JobState.PROCESSING, progress=progress, estimated_completion=estimated_completion
        )

    def update(
        self: ActiveJob,
        *,
        progress: float | NothingType | None = NOTHING,
        estimated_completion: datetime | NothingType | None = NOTHING,
    ) -> ActiveJob:
        """Return the job with another progress or estimate, in the same state.

        Args:
            progress: From 0 to 100, or None for absent; what it was, if not given.
            estimated_completion: An aware datetime, or None for absent; what it was, if not given.

        Raises:
            IllegalTransitionError: If the job is neither queued nor processing.
            InvalidJobStatusError: If a value is not allowed.

        Example:
            >>> JobStatus.queued("job-42").start().update(progress=12.5)
            JobStatus('job-42', 'processing', progress=12.5)
        """
        if self.status in STANDARD.terminal:
            raise IllegalTransitionError(self, self.status)
        given = {"progress": progress, "estimated_completion": estimated_completion}
        changes: dict[str, Any] = {
            name: value for name, value in given.items() if value is not NOTHING
        }
        return attrs.evolve(self, **changes)

    def complete(self: JobStatus[Processing]) -> JobStatus[Completed]:
        """Return the job as its work is done, with progress 100.

        Raises:
            IllegalTransitionError: If the job is not processing.

        Example:
            >>> JobStatus.queued("job-42").start().complete()
            JobStatus('job-42', 'completed', progress=100.0)
        """
        return self.transition_to(JobState.COMPLETED)

    def fail(self: JobStatus[Queued | Processing], error: str) -> JobStatus[Failed]:
        """Return the job as it went wrong, with the progress it had reached.

        Args:
            error: What went wrong; any string.

        Raises:
            IllegalTransitionError: If the job is neither queued nor processing.
            InvalidJobStatusError: If the error is not a string.

        Example:
            >>> JobStatus.queued("job-42").fail("no such bucket")
            JobStatus('job-42', 'failed', error='no such bucket')
        """
        return self.transition_to(JobState.FAILED, error=error)

    def cancel(
        self: JobStatus[Queued | Processing], error: str | None = None
    ) -> JobStatus[Cancelled]:
        """Return the job as it was cancelled, with the progress it had reached.

        Args:
            error: Why it was cancelled; absent if not given.

        Raises:
            IllegalTransitionError: If the job is neither queued nor processing.
            InvalidJobStatusError: If the error is not a string.

        Example:
            >>> JobStatus.queued("job-42").cancel()
            JobStatus('job-42', 'cancelled')
        """
        return self.transition_to(JobState.CANCELLED, error=error)

    def transition_to(
        self,
        status: JobState | StateName,
        *,
        lifecycle: Lifecycle = STANDARD,
        progress: float | NothingType | None = NOTHING,
        estimated_completion: datetime | NothingType | None = NOTHING,
        error: str | NothingType | None = NOTHING,
    ) -> JobStatus[Any]:
        """Return the job in another state: the general step.

        What it does to the other fields depends on the state that it enters; `docs/lifecycle.md`
        has the table.

        Args:
            status: The state to enter.
            lifecycle: The table that says whether it may be entered from here.
            progress: For a step that takes it, as in `start`.
            estimated_completion: For a step that takes it, as in `start`.
            error: For a step that takes it: any string, or None for absent.

        Raises:
            IllegalTransitionError: If the lifecycle has no such arc.
            InvalidJobStatusError: If the status is no state, if a value is not allowed, is missing,
                or is given to a step that does not take it (``not_settable``).

        Example:
            >>> from jobstatus import RETRYING
            >>> failed = JobStatus("job-42", "failed", error="timeout")
            >>> failed.transition_to("queued", lifecycle=RETRYING)
            JobStatus('job-42', 'queued')
        """
        target: JobState = collect([STATUS], lambda field: field.parse(status))[STATUS.name]
        allowed = lifecycle.targets(self.status)
        if target not in allowed:
            raise IllegalTransitionError(self, target, allowed)
        given = zip(OPTIONAL, (progress, estimated_completion, error), strict=True)
        return enter(self, target, {field.name: value for field, value in given})

    # These six reach down to the codec, its straight line and pydantic, the one exception to the
    # order of imports: inside the methods, so that importing the value stays light and makes no
    # circle.

    @classmethod
    def from_json(cls, data: Document) -> JobStatus:
        """Return the job that a JSON document holds, as `jobstatus.Codec` reads it by default.

        Raises:
            DecodeError: With all that is wrong.

        Example:
            >>> JobStatus.from_json('{"id": "job-42", "status": "queued"}')
            JobStatus('job-42', 'queued')
        """
        from jobstatus.codec import DEFAULT

        return DEFAULT.decode(data)

    def to_json(self) -> str:
        """Return what ``JSON.stringify`` writes for this job.

        Example:
            >>> JobStatus("job-42", "processing", progress=50.0).to_json()
            '{"id":"job-42","status":"processing","progress":50}'
        """
        from jobstatus._fast import write

        return write(self)

    @classmethod
    def from_payload(cls, payload: Mapping[str, object]) -> JobStatus:
        """Return the job that a parsed JSON object holds, as `jobstatus.Codec` reads it by default.

        Raises:
            DecodeError: With all that is wrong.

        Example:
            >>> JobStatus.from_payload({"id": "job-42", "status": "queued"})
            JobStatus('job-42', 'queued')
        """
        from jobstatus.codec import DEFAULT

        return DEFAULT.from_payload(payload)

    def to_payload(self) -> Payload:
        """Return the job as a dict in the camelCase of the wire, ready for any JSON encoder.

        Example:
            >>> JobStatus("job-42", "processing", progress=50.0).to_payload()
            {'id': 'job-42', 'status': 'processing', 'progress': 50}
        """
        from jobstatus.codec import DEFAULT

        return DEFAULT.to_payload(self)

    # Asked for by pydantic, wherever a JobStatus is a field, a parameter or a response.

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: object) -> CoreSchema:
        from jobstatus._pydantic import core_schema

        return core_schema()

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: object, _handler: object) -> dict[str, Any]:
        from jobstatus._pydantic import json_schema

        return json_schema()


@overload
def in_state(job: JobStatus[Any], *states: Queued) -> TypeGuard[JobStatus[Queued]]: ...
@overload
def in_state(job: JobStatus[Any], *states: Processing) -> TypeGuard[JobStatus[Processing]]: ...
@overload
def in_state(job: JobStatus[Any], *states: Completed) -> TypeGuard[JobStatus[Completed]]: ...
@overload
def in_state(job: JobStatus[Any], *states: Failed) -> TypeGuard[JobStatus[Failed]]: ...
@overload
def in_state(job: JobStatus[Any], *states: Cancelled) -> TypeGuard[JobStatus[Cancelled]]: ...
@overload
def in_state(
    job: JobStatus[Any], *states: Queued | Processing
) -> TypeGuard[JobStatus[Queued | Processing]]: ...
@overload
def in_state(
    job: JobStatus[Any], *states: Completed | Failed | Cancelled
) -> TypeGuard[JobStatus[Completed | Failed | Cancelled]]: ...
@overload
def in_state(job: JobStatus[Any], *states: JobState) -> bool: ...
def in_state(job: JobStatus[Any], *states: JobState) -> bool:
    """Tell whether a job is in one of some states, and let type checkers know which.

    They learn it for any one state, for queued and processing together, and for any of the three
    outcomes together.

    Raises:
        InvalidValueError: If an argument is not a state.

    Example:
        >>> job = JobStatus.from_json('{"id": "job-42", "status": "processing"}')
        >>> if in_state(job, JobState.PROCESSING):
        ...     job = job.complete()
        >>> job.status
        <JobState.COMPLETED: 'completed'>
    """
    return job.status in {parse_state(state) for state in states}


def enter(job: JobStatus[Any], target: JobState, given: Mapping[str, object]) -> JobStatus[Any]:
    """Return the job in another state, whether it may go there or not.

    Args:
        job: The job as it was.
        target: The state to enter.
        given: What the step was given for the optional fields, by name; `attrs.NOTHING` or no entry
            for nothing.

    Raises:
        InvalidJobStatusError: As `JobStatus.transition_to` does.
    """

    def parse(field: Field) -> object:
        effect = EFFECTS[target][field.name]
        before = getattr(job, field.name)
        return field.parse(effect.apply(before, given.get(field.name, NOTHING)))

    return JobStatus(job.id, target, **collect(OPTIONAL, parse))


def _rebuild(id: str, status: StateName, *optional: Any) -> JobStatus:
    names = (field.name for field in OPTIONAL)
    return JobStatus(id, status, **dict(zip(names, optional, strict=True)))


# There if Hypothesis was imported, with its plugins, before there was a class to register.
if (
    _plugin := sys.modules.get("_jobstatus_hypothesis")
) is not None:  # pragma: no branch - tests/test_plugin.py goes both ways, in other processes
    _plugin.register()
