"""Where mypy and pyright differ on legal code: checked by both, never run. See docs/design.md."""

from __future__ import annotations

from jobstatus import JobState, JobStatus, in_state


def after_a_branch_that_does_not_return(job: JobStatus) -> None:
    """Pyright remembers the type of the branch."""
    if in_state(job, JobState.QUEUED):
        print(job)
    job.complete()  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]


def in_a_branch_that_returns(job: JobStatus) -> JobStatus:
    """Both know what is left."""
    if in_state(job, JobState.QUEUED):
        return job.start()
    return job.complete()


def under_another_name(job: JobStatus) -> None:
    """Both leave the first name alone."""
    waiting = job
    if in_state(waiting, JobState.QUEUED):
        waiting.start()
    job.complete()
