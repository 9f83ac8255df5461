"""The arguments of jobs before normalisation. Node gets the same ones."""

from __future__ import annotations

from datetime import datetime
from itertools import cycle, islice
from typing import TypeVar

import attrs
from hypothesis import strategies as st

from jobstatus import JobState, JobStatus
from tests.support.values import moments, progresses, texts

T = TypeVar("T")


@attrs.frozen
class Arguments:
    """The arguments of a JobStatus."""

    id: str
    status: JobState
    progress: float | None = None
    estimated_completion: datetime | None = None
    error: str | None = None

    def job(self) -> JobStatus:
        """Return the job with these arguments."""
        return JobStatus(
            self.id,
            self.status,
            progress=self.progress,
            estimated_completion=self.estimated_completion,
            error=self.error,
        )


# The number of values of each field in a batch. They are coprime, so no two jobs are the same.
_IDS, _PROGRESSES, _DATES, _ERRORS = 7, 8, 9, 11
BATCH = 50


@st.composite
def batches(draw: st.DrawFn) -> list[Arguments]:
    """Draw fifty jobs from a few values per field, with every state and absent fields too.

    Hypothesis takes longer to draw a single job than Node and the library take to process it.
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
