"""What jobs are made of, before it is normalised; Node is given the same."""

from __future__ import annotations

from datetime import datetime
from itertools import cycle, islice
from typing import TypeVar

import attrs
from hypothesis import strategies as st

from jobstatus import JobState, JobStatus
from tests.laws.values import moments, progresses, texts

T = TypeVar("T")


@attrs.frozen
class Arguments:
    """What a JobStatus is made of."""

    id: str
    status: JobState
    progress: float | None = None
    estimated_completion: datetime | None = None
    error: str | None = None

    def job(self) -> JobStatus:
        """Return the job."""
        return JobStatus(
            self.id,
            self.status,
            progress=self.progress,
            estimated_completion=self.estimated_completion,
            error=self.error,
        )


# How many values of each field make a batch: coprime, so that no two jobs are of the same ones.
_IDS, _PROGRESSES, _DATES, _ERRORS = 7, 8, 9, 11
BATCH = 50


@st.composite
def batches(draw: st.DrawFn) -> list[Arguments]:
    """Fifty jobs of some values for each field: every state, and the optional fields or none.

    A job alone takes Hypothesis longer than both sides together.
    """

    def some(values: st.SearchStrategy[T], size: int) -> list[T]:
        return draw(st.lists(values, min_size=size, max_size=size))

    fields = (
        cycle(some(texts, _IDS)),
        cycle(JobState),
        cycle(some(st.none() | progresses, _PROGRESSES)),
        cycle(some(st.none() | moments, _DATES)),
        cycle(some(st.none() | texts, _ERRORS)),
    )
    return [Arguments(*values) for values in islice(zip(*fields, strict=False), BATCH)]
