"""The table of the five fields, and the only function that builds a JobStatus without checks.

Readers, the constructor and transitions check values by the table's rules, then call `build`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any, Final, TypeAlias, final

import attrs

from jobstatus.dates import check_datetime
from jobstatus.errors import Fault, InvalidJobStatusError, require_job
from jobstatus.lifecycle import Check
from jobstatus.validators import check_progress, check_state, check_text

Job: TypeAlias = Any
"""A JobStatus. `_status` defines the class on top of this module."""


def _pointer_to(field: Field) -> str:
    return f"/{field.key}"


@final
@attrs.frozen(eq=False)
class Field:
    """One field of the interface: its names in Python and on the wire, and its rule."""

    name: str
    key: str
    check: Check
    optional: bool = False
    pointer: str = attrs.field(init=False, default=attrs.Factory(_pointer_to, takes_self=True))
    """The JSON Pointer (RFC 6901) of the field."""


ID: Final = Field("id", "id", check_text)
STATUS: Final = Field("status", "status", check_state)
FIELDS: Final = (
    ID,
    STATUS,
    Field("progress", "progress", check_progress, optional=True),
    Field("estimated_completion", "estimatedCompletion", check_datetime, optional=True),
    Field("error", "error", check_text, optional=True),
)
"""The fields, in the interface's order."""

OPTIONAL: Final = tuple(field for field in FIELDS if field.optional)
"""The fields that may be absent."""

KEYS: Final = frozenset(field.key for field in FIELDS)
"""The keys of a payload."""


class Base:
    """Common base class, which lets a Draft switch its class to JobStatus.

    It has none of their slots, so ``JobStatus.__base__()`` does not return a mutable job.
    """

    __slots__ = ("__weakref__",)

    def __init_subclass__(cls) -> None:
        # Like Draft, any subclass with the same slots could switch its class to JobStatus,
        # without checks.
        if cls.__module__ not in {__name__, "jobstatus._status"}:
            raise TypeError("JobStatus is final: another class could become an invalid job")
        super().__init_subclass__()


class Draft(Base):
    """A mutable sibling of JobStatus, with equal slots.

    Plain assignment is much faster than `object.__setattr__`, so `build` fills a draft and then
    switches its class.
    """

    __slots__ = (*(field.name for field in FIELDS), "_extra")


_job_status: type[Any] = Draft  # until `_status` is imported


def set_job_status(job_status: type[Any]) -> None:
    """Set the class of the jobs that `build` returns; `_status` calls this once."""
    global _job_status  # noqa: PLW0603 - the class is defined above this module
    _job_status = job_status


def require_jobs(values: Iterable[object]) -> list[Job]:
    """Return the values as a list if each is a JobStatus; otherwise raise TypeError."""
    jobs = list(values)
    if {_job_status}.issuperset(map(type, jobs)):  # saves 0.05 µs a job over a loop
        return jobs
    return [require_job(job) for job in jobs]


extra_of: Final[Callable[[Job], Any]] = attrgetter("_extra")
"""Return the members of a job that the interface lacks, or None."""


def build(  # noqa: PLR0913, PLR0917 - positional arguments are faster
    id: object,
    status: object,
    progress: object,
    estimated_completion: object,
    error: object,
    extra: object = None,
) -> Job:
    """Return a JobStatus with values that are already checked and normalised.

    `extra` has the members that the interface lacks.
    """
    job: Any = Draft()
    job.id = id
    job.status = status
    job.progress = progress
    job.estimated_completion = estimated_completion
    job.error = error
    job._extra = extra  # noqa: SLF001 - a draft has the slots of a JobStatus
    job.__class__ = _job_status
    return job


def build_if_valid(  # noqa: PLR0913, PLR0917 - positional arguments are faster
    id: object,
    status: object,
    progress: object,
    estimated_completion: object,
    error: object,
    extra: object,
) -> Job:
    """Return a JobStatus with the results of the checks: normalised values or Faults.

    Raises:
        InvalidJobStatusError: With one problem for each Fault.
    """
    if (
        type(id) is Fault
        or type(status) is Fault
        or type(progress) is Fault
        or type(estimated_completion) is Fault
        or type(error) is Fault
        or type(extra) is Fault
    ):
        values = (id, status, progress, estimated_completion, error, extra)
        places = [*((field.pointer, field.name) for field in FIELDS), ("", "extra")]
        raise InvalidJobStatusError(
            value.at(*place)
            for place, value in zip(places, values, strict=True)
            if isinstance(value, Fault)
        )
    return build(id, status, progress, estimated_completion, error, extra)
