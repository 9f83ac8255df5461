"""Reading the status of a job from its queue."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, Final, Protocol, TypeAlias, cast, runtime_checkable

from jobstatus._states import JobState
from jobstatus._status import JobStatus
from jobstatus._untrusted import as_str
from jobstatus.errors import Fault, UnknownJobError
from jobstatus.lifecycle import STANDARD, Lifecycle
from jobstatus.queues._tables import BULLMQ, CELERY, RQ, row_of, state_of
from jobstatus.stores._progress import chosen_text
from jobstatus.validators import check_progress

ErrorText: TypeAlias = Callable[[BaseException | str], str]
"""A function from what the queue keeps of an error, an exception or a text, to a public text."""

_TIMES: Final = 20
# The line of a traceback that begins with the name of the exception's type.
_PYTHON_ERROR: Final = re.compile(r"([A-Za-z_][\w.]*)(?::|$)", re.ASCII)
_NODE_ERROR: Final = re.compile(r"([A-Za-z_$][\w$]*)(?: \[\w+\])?(?::|$)", re.ASCII)


class CeleryBackend(Protocol):
    """The part of Celery's result backend that is read."""

    def get_task_meta(self, task_id: str) -> Any:
        """Return the state and the information about a task, in one answer."""
        ...


@runtime_checkable
class CeleryResult(Protocol):
    """The part of Celery's AsyncResult that is read."""

    id: Any
    backend: Any


@runtime_checkable
class RqJob(Protocol):
    """The part of RQ's Job that is read."""

    @property
    def id(self) -> str:
        """The id."""
        ...

    def refresh(self) -> None:
        """Read the job again."""
        ...


@runtime_checkable
class BullmqJob(Protocol):
    """The part of a job of BullMQ's Python port that is read."""

    id: Any
    queue: Any

    def getState(self) -> Awaitable[Any]:  # noqa: N802 - BullMQ's name
        """Read the state."""
        ...


def of_celery(
    result: CeleryResult, *, lifecycle: Lifecycle = STANDARD, errors: ErrorText | None = None
) -> JobStatus:
    """Return the status of a Celery task. State and information are read at once.

    A task that runs is queued here, unless the setting ``task_track_started`` is on. So is one that
    Celery does not know, because it keeps nothing about a task that waits.

    Args:
        result: An AsyncResult of Celery.
        lifecycle: Decides the state between two attempts: queued, or processing.
        errors: A function that returns the error text for an exception. By default it is the name
            of the exception's type.
    """
    meta: Mapping[str, Any] = cast("CeleryBackend", result.backend).get_task_meta(result.id)
    info = meta.get("result")
    native = CELERY.get(meta["status"], JobState.PROCESSING)
    state = state_of(native, lifecycle, is_attempted=True)
    # Celery keeps the reason of a rejected task as a text.
    name = type(info).__name__ if isinstance(info, BaseException) else "Reject"
    return _job(str(result.id), state, progress=info, error=_text(info, name, errors))


def of_rq(
    job: RqJob, *, lifecycle: Lifecycle = STANDARD, errors: ErrorText | None = None
) -> JobStatus:
    """Return the status of an RQ job, which is read again. Progress is ``job.meta["progress"]``.

    Args:
        job: A Job of RQ.
        lifecycle: Decides the state between two attempts: queued, or processing.
        errors: A function that returns the error text for a traceback, which is all that RQ keeps.
            By default it is the name of the exception's type.

    Raises:
        UnknownJobError: If RQ has no such job, for example because it has expired.
    """
    from rq.exceptions import InvalidJobOperation, NoSuchJobError

    read: Any = job
    try:
        read.refresh()
        native = row_of(RQ, read.get_status(refresh=False).value)
    except (NoSuchJobError, InvalidJobOperation) as error:
        raise UnknownJobError(id=job.id) from error
    state = state_of(native, lifecycle, is_attempted=read.started_at is not None)
    trace = ""
    if state is JobState.FAILED and (result := read.latest_result()) is not None:
        trace = result.exc_string or ""
    error_text = _text(trace, _name_in_traceback(trace), errors)
    return _job(job.id, state, progress=read.meta.get("progress"), error=error_text)


async def of_bullmq(
    job: BullmqJob, *, lifecycle: Lifecycle = STANDARD, errors: ErrorText | None = None
) -> JobStatus:
    """Return the status of a BullMQ job. It is read again until its state did not change meanwhile.

    Args:
        job: A Job of BullMQ's Python port.
        lifecycle: Decides the state between two attempts: queued, or processing.
        errors: A function that returns the error text for the message of an error. By default it is
            the name of the error's class.

    Raises:
        UnknownJobError: If the job was removed.
    """
    source: Any = job
    kind: Any = type(job)
    before, state = None, await source.getState()
    read: Any = None
    for _ in range(_TIMES):
        if state == before:
            break
        read = await kind.fromId(source.queue, source.id)
        before, state = state, await source.getState()
    if read is None or state == "unknown":
        raise UnknownJobError(id=str(source.id))
    is_attempted = bool(read.attemptsMade or read.processedOn)
    status = state_of(row_of(BULLMQ, state), lifecycle, is_attempted=is_attempted)
    stack = (read.stacktrace or [""])[-1]
    match = _NODE_ERROR.match(as_str(stack) or "")
    text = _text(read.failedReason or "", match[1] if match else "Error", errors)
    return _job(str(source.id), status, progress=read.progress, error=text)


def _job(id: str, state: JobState, *, progress: object, error: str | None) -> JobStatus:
    if state is JobState.PROCESSING:
        return JobStatus(id, state, progress=progress_of(progress))
    if state is JobState.COMPLETED:
        return JobStatus(id, state, progress=100)
    return JobStatus(id, state, error=error if state is JobState.FAILED else None)


def progress_of(value: object) -> float | None:
    """Return a progress from 0 to 100 in a value that a task reported, or None.

    It may be the number itself, ``percent`` or ``progress`` of a mapping, or its ``current`` of
    ``total``.
    """
    if isinstance(value, Mapping):
        given = cast("Mapping[object, object]", value)
        value = given.get("percent", given.get("progress"))
        current, total = given.get("current"), given.get("total")
        if value is None and _is_number(current) and _is_number(total) and total:
            with suppress(OverflowError):
                value = cast("float", current) / cast("float", total) * 100
    if not _is_number(value):
        return None
    progress = check_progress(value)
    return None if isinstance(progress, Fault) else progress


def _is_number(value: object) -> bool:
    return type(value) in {int, float}


def _text(value: object, name: str | None, errors: ErrorText | None) -> str | None:
    """Return one line for clients."""
    if errors is None:
        return name
    return chosen_text(errors, cast("BaseException | str", value), name)


def _name_in_traceback(trace: str) -> str | None:
    """Return the name of the exception's type. Its message may have lines of its own."""
    lines = trace.splitlines()
    frames = [number for number, line in enumerate(lines) if line.startswith('  File "')]
    for line in lines[frames[-1] + 1 if frames else 0 :]:
        if not line.startswith(" "):
            match = _PYTHON_ERROR.match(line)
            return match[1].rpartition(".")[2] if match else None
    return None
