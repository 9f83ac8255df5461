"""Strategies beyond `jobstatus.strategies`: values before normalisation, JSON values, tables."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import TypeVar

import attrs
from hypothesis import strategies as st

from jobstatus import Codec, JobState, strategies
from jobstatus.strategies import dates, error_texts, ids, progress_values

T = TypeVar("T")
# Joining these keeps a surrogate pair as two characters.
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
# With all problems, because the strategies of invalid payloads say which ones to expect.
codecs = strategies.codecs().map(
    lambda codec: attrs.evolve(codec, max_problems=Codec().max_problems)
)


def with_codec(
    strategy: Callable[..., st.SearchStrategy[T]],
) -> st.SearchStrategy[tuple[Codec, T]]:
    """Draw any codec, and a value that the strategy draws for it."""
    return codecs.flatmap(lambda codec: st.tuples(st.just(codec), strategy(codec=codec)))


tables = st.fixed_dictionaries(
    {state: st.frozensets(st.sampled_from(JobState)) for state in JobState}
)
