"""Misuse that type checkers must reject: checked by mypy and pyright, never run.

Each line with an ignore comment has an error in both checkers. The checkers also report an ignore
comment that is not needed (mypy's warn_unused_ignores and pyright's
reportUnnecessaryTypeIgnoreComment). `tests/test_typing.py` removes the comments and checks that
exactly those lines have errors.
"""

from __future__ import annotations

from collections.abc import Iterable

from jobstatus import (
    Codec,
    Completed,
    DecodeError,
    Failed,
    JobState,
    JobStatus,
    Lifecycle,
    Processing,
    Queued,
    in_state,
    make_converter,
)
from jobstatus.history import Audit, check_history, merge
from jobstatus.strategies import job_statuses


def invalid_calls_of_a_job(
    queued: JobStatus[Queued],
    processing: JobStatus[Processing],
    completed: JobStatus[Completed],
    failed: JobStatus[Failed],
    unknown: JobStatus[JobState],
    read: JobStatus,
) -> None:
    queued.complete()  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    processing.start()  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    completed.start()  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    completed.complete()  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    completed.fail("x")  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    completed.cancel()  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    completed.update(progress=1)  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    failed.start()  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    failed.update(progress=1)  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    unknown.start()  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    unknown.cancel()  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    unknown.update(progress=1)  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    JobStatus.queued("a").complete()  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    JobStatus.queued("a").start().start()  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    JobStatus.queued("a").start().complete().cancel()  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    JobStatus.queued("a").fail("x").start()  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    processing.fail()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    processing.fail(None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    queued.start(progress="50")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    queued.update(estimated_completion="2026-11-23")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    JobStatus("a")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    JobStatus(5, "queued")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    JobStatus("a", "canceled")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    JobStatus("a", "queued", progress="50")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    JobStatus("a", "queued", 50)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    JobStatus("a", "queued", estimated_completion="2026-11-23")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    JobStatus("a", "queued", estimatedCompletion=None)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    JobStatus.from_json({"id": "a", "status": "queued"})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    read.transition_to("canceled")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    read.progress = 50  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    read.status = JobState.COMPLETED  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]

    in_state(read, "canceled")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]
    if in_state(read, JobState.QUEUED):
        read.complete()  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    if in_state(read, JobState.QUEUED, JobState.PROCESSING):
        read.start()  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    if in_state(read, JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED):
        read.cancel()  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    start(processing)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


class Mine(JobStatus[Queued]):  # type: ignore[misc]  # pyright: ignore[reportGeneralTypeIssues]
    """A subclass."""


def start(job: JobStatus[Queued]) -> None:
    """Start a queued job."""
    job.start()


def invalid_calls_of_strategies() -> None:
    job_statuses(states=["done"])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    job_statuses(["queued"])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def invalid_tables_of_lifecycles(names: dict[str, list[str]]) -> None:
    Lifecycle({"queued": ["done"]})  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    Lifecycle(names)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def invalid_calls_of_codecs(data: bytes, names: dict[str, str]) -> None:
    Codec(ids="int")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Codec(states={"canceled": "stopped"})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
    Codec(states=names)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Codec().decode(data, id=42)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Codec().decode(data, "42")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    JobStatus("a", "queued", extra={5: "x"})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
    make_converter(codec="tolerant")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def invalid_calls_of_histories(read: JobStatus, errors: Iterable[JobStatus | DecodeError]) -> None:
    check_history(errors)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    check_history([read], lifecycle="retrying")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    merge()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    merge([read])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Audit().add(read, 7)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
