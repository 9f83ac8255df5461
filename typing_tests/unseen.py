"""Illegal transitions that no type checker sees; each function raises an error at run time.

`docs/type-checking.md` lists them. `tests/test_typing.py` runs each function.
"""

from __future__ import annotations

import attrs

from jobstatus import JobState, JobStatus
from jobstatus.history import merge


def the_target_of_transition_to() -> None:
    JobStatus.queued("a").transition_to("completed")


def a_comparison_with_status() -> None:
    job = JobStatus("a", "completed")
    if job.status is JobState.COMPLETED:
        job.start()


def a_parameter_without_a_state() -> None:
    complete(JobStatus.queued("a"))


def complete(job: JobStatus) -> None:
    job.complete()


def the_result_of_merge() -> None:
    merge(JobStatus.queued("a")).complete()


def a_job_from_the_constructor() -> None:
    JobStatus("a", "queued").complete()


def a_state_changed_by_evolve() -> None:
    attrs.evolve(JobStatus.queued("a"), status="completed").start()


FUNCTIONS = (
    the_target_of_transition_to,
    a_comparison_with_status,
    a_parameter_without_a_state,
    the_result_of_merge,
    a_job_from_the_constructor,
    a_state_changed_by_evolve,
)
