"""What the laws range over beyond `jobstatus.strategies`: values before they are normalised."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import TypeVar

from hypothesis import reject
from hypothesis import strategies as st

from jobstatus import Codec, InvalidValueError, JobState, Lifecycle
from jobstatus.strategies import dates, error_texts, ids, progress_values

T = TypeVar("T")
# Surrogates that are a pair stay two here.
surrogates = st.sampled_from("\ud800\ud83d\udbff\udc00\ude00\udfff")
texts = st.builds("".join, st.lists(error_texts() | surrogates, max_size=4))
progresses = progress_values() | st.integers(0, 100) | st.floats(-0.0, 100)
offsets = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.one_of(
    dates(),
    st.datetimes(timezones=st.just(UTC)),
    st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=offsets),  # noqa: DTZ001 - the bounds of st.datetimes are naive
    st.just(datetime.max.replace(tzinfo=UTC)),
)


strings = st.text(max_size=8) | ids()
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | strings,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(strings, inner, max_size=4),
    max_leaves=8,
)
KEYS = ("id", "status", "progress", "estimatedCompletion", "error")
json_objects = st.dictionaries(
    st.sampled_from(KEYS) | strings, json_values | st.sampled_from([*JobState, "2026-11-23"])
)
codecs = st.builds(
    Codec,
    null=st.sampled_from(["reject", "absent"]),
    unknown_keys=st.sampled_from(["ignore", "reject"]),
    dates=st.sampled_from(["ecmascript", "iso8601"]),
    max_depth=st.sampled_from([1, 2, 3, 64, 500]),
)


def with_codec(
    strategy: Callable[..., st.SearchStrategy[T]],
) -> st.SearchStrategy[tuple[Codec, T]]:
    """Draw any codec, and what is for its readers."""
    return codecs.flatmap(lambda codec: st.tuples(st.just(codec), strategy(codec=codec)))


tables = st.fixed_dictionaries(
    {state: st.frozensets(st.sampled_from(JobState)) for state in JobState}
)


@st.composite
def lifecycles(draw: st.DrawFn) -> Lifecycle:
    """Every table in which a job that begins can end."""
    table, initial = draw(tables), draw(st.sampled_from(JobState))
    try:
        return Lifecycle(table, initial=initial)
    except InvalidValueError:
        reject()
