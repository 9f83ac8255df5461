"""What jobs are made of, before it is normalised; Node is given the same."""

from __future__ import annotations

from datetime import datetime

import attrs
from hypothesis import strategies as st

from jobstatus import JobState, JobStatus
from tests.laws.values import moments, progresses, texts


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


def arguments() -> st.SearchStrategy[Arguments]:
    """Every state with every subset of the optional fields."""
    return st.builds(
        Arguments,
        texts,
        st.sampled_from(JobState),
        progress=st.none() | progresses,
        estimated_completion=st.none() | moments,
        error=st.none() | texts,
    )
