"""Legal code on which mypy and pyright differ: type-checked, never run. See docs/design.md."""

from __future__ import annotations

import copy
import sys
from typing import Protocol

from jobstatus import Completed, JobState, JobStatus, in_state


def narrowing_in_a_branch_that_does_not_return(job: JobStatus) -> None:
    """Pyright infers a union after the branch and rejects the step, but mypy accepts it."""
    if in_state(job, JobState.QUEUED):
        print(job)
    job.complete()  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]


def narrowing_in_a_branch_that_returns(job: JobStatus) -> JobStatus:
    """Both checkers accept the step after the branch."""
    if in_state(job, JobState.QUEUED):
        return job.start()
    return job.complete()


def narrowing_an_alias(job: JobStatus) -> None:
    """Neither checker narrows the original name."""
    waiting = job
    if in_state(waiting, JobState.QUEUED):
        waiting.start()
    job.complete()


def replacing_the_state(job: JobStatus) -> None:
    """Mypy knows that copy.replace cannot change the state; pyright accepts any arguments."""
    if sys.version_info >= (3, 13):
        copy.replace(job, status="failed")  # type: ignore[call-arg]


def reassignment_of_a_plain_name() -> None:
    """Without allow_redefinition, mypy keeps the first type of a name; pyright follows."""
    job = JobStatus.queued("a")
    job = job.start()  # type: ignore[assignment]


def reassignment_of_a_declared_name() -> None:
    """Both accept the steps. mypy then rejects an illegal one, and pyright sees JobStatus[Any]."""
    job: JobStatus = JobStatus.queued("a")
    job = job.start()
    job = job.complete()
    job.start()  # type: ignore[misc]


def stored_jobs(stored: dict[str, JobStatus]) -> None:
    """Pyright remembers the type that was assigned to an item, and mypy does not."""
    stored["a"] = JobStatus.queued("a")
    stored["a"] = stored["a"].start()
    stored["a"].start()  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]


class Finishes(Protocol):
    """A protocol that only a processing job has."""

    def complete(self) -> JobStatus[Completed]: ...


def finish(job: Finishes) -> JobStatus[Completed]:
    """Return the completed job."""
    return job.complete()


def protocols() -> None:
    """Mypy does not compare the state with a protocol; pyright does."""
    finish(JobStatus.queued("a"))  # pyright: ignore[reportArgumentType]
