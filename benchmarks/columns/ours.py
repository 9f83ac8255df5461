"""This library."""

from __future__ import annotations

from typing import Any, Final

import hypothesis

from benchmarks.columns._way import STEPS, YES, Library, Way
from jobstatus import JobStatus, Lifecycle, contract, strategies
from jobstatus.history import merge


def _walk(states: list[str]) -> object:
    job: Any = JobStatus.queued("a")
    for state in states:
        job = getattr(job, STEPS[state])()
    return job


def _own_state() -> object:
    table: Any = {"open": ["shut"], "shut": []}
    return Lifecycle(table)


JOBSTATUS: Final = Library(
    "jobstatus",
    (
        Way(
            YES,
            read=JobStatus.from_json,
            write=JobStatus.to_json,
            places=lambda error: {problem.pointer[1:] for problem in error.problems},
            make=JobStatus,
            walk=_walk,
            typed="""
from jobstatus import JobStatus

done = JobStatus.queued("a").start().complete()
done.start()  # illegal
""",
            join=lambda messages: merge(*map(JobStatus.from_json, messages)).status,
            illegal_history=lambda: hypothesis.find(strategies.illegal_histories(), bool),
            schema=contract.json_schema,
            typescript=contract.typescript,
            own=_own_state,
        ),
    ),
    (("jobstatus", ""), ("jobstatus, msgspec", " with msgspec")),
)
