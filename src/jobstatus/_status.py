"""JobStatus: the TypeScript interface as an immutable value with transition methods.

`lifecycle.py` defines the legal transitions and their effects on the fields. `_fields.py` defines
the rule of each field. This module combines them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import (
    TYPE_CHECKING,
    Any,
    Final,
    Generic,
    final,
    get_origin,
)

import attrs
from attrs import NOTHING, NothingType
from typing_extensions import TypeVar

from jobstatus import _fields, _wire, errors
from jobstatus._fields import OPTIONAL, STATUS, extra_of
from jobstatus._states import (
    Cancelled,
    Completed,
    Failed,
    JobState,
    Processing,
    Queued,
    StateName,
)
from jobstatus._untrusted import excerpt
from jobstatus._wire import Document, Extra, Payload
from jobstatus.dates import check_datetime
from jobstatus.errors import Fault, IllegalTransitionError, InvalidJobStatusError
from jobstatus.lifecycle import EFFECTS, STANDARD, UPDATABLE, Check, Lifecycle
from jobstatus.validators import check_progress, check_state, check_text

if TYPE_CHECKING:
    from pydantic_core import CoreSchema

S_co = TypeVar("S_co", bound=JobState, covariant=True, default=Any)
ActiveJob = TypeVar("ActiveJob", bound="JobStatus[Queued | Processing]")


_EFFECTS: Final = {
    state: tuple(effects[field.name].apply for field in OPTIONAL)
    for state, effects in EFFECTS.items()
}


@final
@attrs.frozen(init=False, getstate_setstate=False, weakref_slot=False)
class JobStatus(_fields.Base, Generic[S_co]):
    """The status of a background job: the TypeScript interface ``JobStatus``.

    A JobStatus is always valid and never changes. This holds for the constructor, readers,
    transitions, `attrs.evolve`, `copy.replace`, copies and pickles. Only `object.__new__`,
    `object.__setattr__`, assigning `__class__`, and libraries that fill slots without an
    initialiser, such as serpyco-rs, can break it.

    The type parameter is the state, for type checkers: ``JobStatus[Queued]`` has a `start` method,
    and ``JobStatus[Completed]`` does not. Readers return ``JobStatus[Any]``, whose transitions are
    checked only at run time.

    Args:
        id: Any string.
        status: A `JobState`, or its string.
        progress: Any real number from 0 to 100, but not a bool; stored as a float.
        estimated_completion: An aware datetime; stored in UTC, cut to whole milliseconds.
        error: Any string.
        extra: The members of the payload that the interface lacks, by key; their values are
            written as JSON.

    Raises:
        InvalidJobStatusError: With one problem for each invalid field.

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
    _extra: Extra | None = attrs.field(default=None, kw_only=True, hash=False)

    if TYPE_CHECKING:

        def __init__(  # noqa: PLR0913 - one for each field
            self,
            id: str,
            status: JobState | StateName,
            *,
            progress: float | None = None,
            estimated_completion: datetime | None = None,
            error: str | None = None,
            extra: Mapping[str, object] | None = None,
        ) -> None: ...

        # For copy.replace, which Python 3.13 adds; attrs defines the method. It has no
        # `status`, because a new state would need another type argument in the result.
        def __replace__(
            self,
            *,
            id: str = ...,
            progress: float | None = ...,
            estimated_completion: datetime | None = ...,
            error: str | None = ...,
            extra: Mapping[str, object] | None = ...,
        ) -> JobStatus[S_co]: ...

    else:
        # Not __init__: callers could call it twice, and setting the fields of a frozen class is
        # slow. attrs' own __init__ is not safe either: a process can disable its validators, and
        # if one field fails, earlier fields are already set. The stub above is an __init__,
        # because mypy checks attrs.evolve against it.

        def __new__(  # noqa: PLR0913 - one for each field
            cls,
            id: str,
            status: JobState | StateName,
            *,
            progress: float | None = None,
            estimated_completion: datetime | None = None,
            error: str | None = None,
            extra: Mapping[str, object] | None = None,
        ) -> JobStatus[S_co]:
            return _fields.build_if_valid(
                check_text(id),
                check_state(status),
                None if progress is None else check_progress(progress),
                None if estimated_completion is None else check_datetime(estimated_completion),
                None if error is None else check_text(error),
                None if extra is None else _wire.check_extra(extra),
            )

    def __attrs_post_init__(self) -> None:
        # msgspec's decoder fills an attrs class without __init__, then calls this.
        raise TypeError("a JobStatus is read by from_json or a Codec, not attribute by attribute")

    def __init_subclass__(cls) -> None:
        raise TypeError("JobStatus is final: a subclass could be invalid or mutable")

    def __repr__(self) -> str:
        optional = (
            f", {field.name}={getattr(self, field.name)!r}"
            for field in OPTIONAL
            if getattr(self, field.name) is not None
        )
        extra = f", extra={self.extra!r}" if self._extra else ""
        return f"JobStatus({self.id!r}, {self.status.value!r}{''.join(optional)}{extra})"

    def _repr_pretty_(self, printer: Any, _: bool) -> None:  # noqa: FBT001 - IPython's protocol
        # Otherwise Hypothesis and IPython print an attrs class field by field.
        printer.text(repr(self))

    def __reduce__(self) -> tuple[object, ...]:
        optional = {field.name: getattr(self, field.name) for field in OPTIONAL}
        texts = None if self._extra is None else dict(self._extra.texts)
        return _unpickle, (self.id, self.status.value, optional, texts)

    def __copy__(self) -> JobStatus[S_co]:
        return self

    def __deepcopy__(self, _: object) -> JobStatus[S_co]:
        return self

    @property
    def extra(self) -> dict[str, object]:
        """The members of the payload that the interface lacks, with parsed values.

        A job has some if it was read with ``Codec(unknown_keys="keep")``. The dict is new each
        time. A number beyond the range of floats is None, because ``JSON.stringify`` writes it as
        null.

        Example:
            >>> from jobstatus import Codec
            >>> document = '{"id": "job-42", "status": "queued", "attempt": 2}'
            >>> Codec(unknown_keys="keep").decode(document).extra
            {'attempt': 2}
        """
        return {} if self._extra is None else self._extra.to_values()

    @classmethod
    def queued(cls, id: str, *, estimated_completion: datetime | None = None) -> JobStatus[Queued]:
        """Return a new job that waits for a worker.

        Raises:
            InvalidJobStatusError: If a value is invalid.

        Example:
            >>> JobStatus.queued("job-42")
            JobStatus('job-42', 'queued')
        """
        estimate = None if estimated_completion is None else check_datetime(estimated_completion)
        job: JobStatus[Queued] = _fields.build_if_valid(
            check_text(id), JobState.QUEUED, None, estimate, None, None
        )
        return job

    def start(
        self: JobStatus[Queued],
        *,
        progress: float | NothingType | None = NOTHING,
        estimated_completion: datetime | NothingType | None = NOTHING,
    ) -> JobStatus[Processing]:
        """Return this job in the state processing, with a new progress or estimate if given.

        Args:
            progress: From 0 to 100, or None for absent; unchanged if not given.
            estimated_completion: An aware datetime, or None for absent; unchanged if not given.

        Raises:
            IllegalTransitionError: If the job is not queued.
            InvalidJobStatusError: If a value is invalid.

        Example:
            >>> JobStatus.queued("job-42").start(progress=0)
            JobStatus('job-42', 'processing', progress=0.0)
        """
        return _step(self, JobState.PROCESSING, STANDARD, progress, estimated_completion)

    def update(
        self: ActiveJob,
        *,
        progress: float | NothingType | None = NOTHING,
        estimated_completion: datetime | NothingType | None = NOTHING,
    ) -> ActiveJob:
        """Return this job with a new progress or estimate, in the same state.

        Args:
            progress: From 0 to 100, or None for absent; unchanged if not given.
            estimated_completion: An aware datetime, or None for absent; unchanged if not given.

        Raises:
            IllegalTransitionError: If the job's state is terminal.
            InvalidJobStatusError: If a value is invalid.

        Example:
            >>> JobStatus.queued("job-42").start().update(progress=12.5)
            JobStatus('job-42', 'processing', progress=12.5)
        """
        if self.status not in UPDATABLE:
            raise IllegalTransitionError(self, self.status)
        job: ActiveJob = _fields.build_if_valid(
            self.id,
            self.status,
            _updated(self.progress, progress, check_progress),
            _updated(self.estimated_completion, estimated_completion, check_datetime),
            self.error,
            self._extra,
        )
        return job

    def complete(self: JobStatus[Processing]) -> JobStatus[Completed]:
        """Return this job in the state completed, with progress 100.

        Raises:
            IllegalTransitionError: If the job is not processing.

        Example:
            >>> JobStatus.queued("job-42").start().complete()
            JobStatus('job-42', 'completed', progress=100.0)
        """
        return _step(self, JobState.COMPLETED, STANDARD)

    def fail(self: JobStatus[Queued | Processing], error: str) -> JobStatus[Failed]:
        """Return this job in the state failed, with its progress unchanged.

        Args:
            error: What went wrong; any string.

        Raises:
            IllegalTransitionError: If the job's state is terminal.
            InvalidJobStatusError: If the error is not a string.

        Example:
            >>> JobStatus.queued("job-42").fail("no such bucket")
            JobStatus('job-42', 'failed', error='no such bucket')
        """
        return _step(self, JobState.FAILED, STANDARD, error=error)

    def cancel(
        self: JobStatus[Queued | Processing], error: str | None = None
    ) -> JobStatus[Cancelled]:
        """Return this job in the state cancelled, with its progress unchanged.

        Args:
            error: Why it was cancelled; absent if not given.

        Raises:
            IllegalTransitionError: If the job's state is terminal.
            InvalidJobStatusError: If the error is not a string.

        Example:
            >>> JobStatus.queued("job-42").cancel()
            JobStatus('job-42', 'cancelled')
        """
        return _step(self, JobState.CANCELLED, STANDARD, error=error)

    def transition_to(
        self,
        status: JobState | StateName,
        *,
        lifecycle: Lifecycle = STANDARD,
        progress: float | NothingType | None = NOTHING,
        estimated_completion: datetime | NothingType | None = NOTHING,
        error: str | NothingType | None = NOTHING,
    ) -> JobStatus[Any]:
        """Return this job in another state, under any lifecycle.

        The new state determines which of the other fields you may set. `docs/lifecycle.md` has the
        table.

        Args:
            status: The new state.
            lifecycle: The legal transitions.
            progress: As in `start`, if the new state allows it.
            estimated_completion: As in `start`, if the new state allows it.
            error: Any string, or None for absent, if the new state allows it.

        Raises:
            IllegalTransitionError: If the lifecycle does not have this transition.
            InvalidJobStatusError: If the status is not a state, or if a value is invalid, missing,
                or not allowed in the new state (``not_settable``).

        Example:
            >>> from jobstatus import RETRYING
            >>> failed = JobStatus("job-42", "failed", error="timeout")
            >>> failed.transition_to("queued", lifecycle=RETRYING)
            JobStatus('job-42', 'queued')
        """
        target = check_state(status)
        if isinstance(target, Fault):
            raise InvalidJobStatusError([target.at(STATUS.pointer, STATUS.name)])
        return _step(self, target, lifecycle, progress, estimated_completion, error)

    @classmethod
    def from_json(cls, data: Document, *, id: str | None = None) -> JobStatus:
        """Return the job in a JSON document, read with the defaults of `jobstatus.Codec`.

        Args:
            data: The document as text, or as bytes in UTF-8.
            id: The id of the job, if it is known from elsewhere, such as from the URL. It is used
                if the document has none. A different id in the document is a problem with the code
                ``id_mismatch``.

        Raises:
            DecodeError: With all problems found.
            TypeError: If the document is not text or bytes, or if the id is not a string.

        Example:
            >>> JobStatus.from_json('{"id": "job-42", "status": "queued"}')
            JobStatus('job-42', 'queued')
        """
        job: JobStatus
        if id is None:
            job = _wire.decode(data, _wire.DEFAULT_POLICY)
        else:
            job = _wire.decode_slowly(data, _wire.DEFAULT_POLICY, id)
        return job

    def to_json(self) -> str:
        """Return the JSON of this job, as ``JSON.stringify`` writes it.

        Example:
            >>> JobStatus("job-42", "processing", progress=50.0).to_json()
            '{"id":"job-42","status":"processing","progress":50}'
        """
        return _wire.write(self)

    @classmethod
    def from_payload(cls, payload: Mapping[str, object], *, id: str | None = None) -> JobStatus:
        """Return the job in a parsed JSON object, read with the defaults of `jobstatus.Codec`.

        Args:
            payload: The object, as a JSON parser returns it.
            id: As in `from_json`.

        Raises:
            DecodeError: With all problems found.
            TypeError: If the id is not a string.

        Example:
            >>> JobStatus.from_payload({"id": "job-42", "status": "queued"})
            JobStatus('job-42', 'queued')
        """
        job: JobStatus = _wire.read_payload(payload, _wire.DEFAULT_POLICY, id)
        return job

    def to_payload(self) -> Payload:
        """Return this job as a dict with the wire's camelCase keys, for any JSON encoder.

        Example:
            >>> JobStatus("job-42", "processing", progress=50.0).to_payload()
            {'id': 'job-42', 'status': 'processing', 'progress': 50}
        """
        return _wire.write_payload(self)

    # pydantic calls these for a JobStatus in a field, a parameter or a response. They import
    # lazily, because pydantic is optional.

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: object) -> CoreSchema:
        from jobstatus._pydantic import core_schema

        return core_schema()

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: object, _handler: object) -> dict[str, Any]:
        from jobstatus._pydantic import json_schema

        return json_schema()


def is_job_status(type_: object) -> bool:
    """Return whether an annotation is JobStatus, with or without a type argument."""
    return (get_origin(type_) or type_) is JobStatus


def enter(
    job: JobStatus[Any],
    target: JobState,
    progress: object = NOTHING,
    estimated_completion: object = NOTHING,
    error: object = NOTHING,
) -> JobStatus[Any]:
    """Return the job in another state, without checking that the transition is legal.

    Raises:
        InvalidJobStatusError: As `JobStatus.transition_to` does.
    """
    to_progress, to_estimate, to_error = _EFFECTS[target]
    after: JobStatus[Any] = _fields.build_if_valid(
        job.id,
        target,
        to_progress(job.progress, progress, check_progress),
        to_estimate(job.estimated_completion, estimated_completion, check_datetime),
        to_error(job.error, error, check_text),
        extra_of(job),
    )
    return after


def _step(  # noqa: PLR0913, PLR0917 - positional arguments are faster
    job: JobStatus[Any],
    target: JobState,
    lifecycle: Lifecycle,
    progress: object = NOTHING,
    estimated_completion: object = NOTHING,
    error: object = NOTHING,
) -> JobStatus[Any]:
    if type(lifecycle) is not Lifecycle:
        raise TypeError(f"lifecycle: expected a Lifecycle, got {excerpt(lifecycle)}")
    allowed = lifecycle.table[job.status]
    if target not in allowed:
        raise IllegalTransitionError(job, target, allowed)
    return enter(job, target, progress, estimated_completion, error)


def _updated(before: object, given: object, check: Check) -> object:
    if given is NOTHING:
        return before
    return None if given is None else check(given)


def _unpickle(
    id: str, status: StateName, optional: Mapping[str, Any], texts: Mapping[str, str] | None
) -> JobStatus:
    extra: Any = None if texts is None else _wire.parse_texts(texts)
    return JobStatus(id, status, **optional, extra=extra)


# attrs adds this method because of init=False. Calling it would overwrite a job's fields.
delattr(JobStatus, "__attrs_init__")
_fields.set_job_status(JobStatus)
# Annotations in `errors` name JobStatus, but `errors` is imported before this module.
# get_type_hints looks the class up there.
errors.__dict__["JobStatus"] = JobStatus
