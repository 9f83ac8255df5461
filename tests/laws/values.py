"""What the laws range over: every legal value, and every kind of illegal one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import attrs
from hypothesis import strategies as st

from jobstatus import JobState, JobStatus

# Any str is legal here. In lists, for st.text() leaves surrogates out, and makes of an alphabet of
# several strategies one in which the rare characters are rare again.
characters = st.one_of(
    st.characters(),
    st.sampled_from('"\\/\b\f\n\r\t\0\x1f\x7f\u2028\u2029\ufeff'),
    st.sampled_from("\ud800\ud83d\udbff\udc00\ude00\udfff"),
)
texts = st.lists(characters).map("".join)
ugly_numbers = st.sampled_from(
    [0.0, 100.0, 5e-324, 1e-7, 9.999999999999999e-7, 1e-6, 1e-5, 1e-4, 0.1 + 0.2, 99.99999999999999]
)
progresses = st.one_of(st.integers(0, 100), st.floats(-0.0, 100), ugly_numbers)
offsets = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
dates = st.one_of(
    st.datetimes(timezones=st.just(UTC)),
    st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=offsets),  # noqa: DTZ001 - the bounds of st.datetimes are naive
    st.sampled_from([datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]),
)


@attrs.frozen
class Arguments:
    """What a JobStatus is made of, before it is normalised."""

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
        estimated_completion=st.none() | dates,
        error=st.none() | texts,
    )


def job_statuses() -> st.SearchStrategy[JobStatus]:
    """Every job."""
    return arguments().map(Arguments.job)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=8,
)
KEYS = ("id", "status", "progress", "estimatedCompletion", "error")
payloads = st.dictionaries(
    st.sampled_from(KEYS) | texts, json_values | st.sampled_from([*JobState, "2026-11-23"])
)
