"""Strategies for codecs and lifecycles, the values that set the rules."""

from __future__ import annotations

from typing import Final, get_args

from hypothesis import reject
from hypothesis import strategies as st

from jobstatus._states import BY_NAME, JobState
from jobstatus._wire import MAX_DEPTH
from jobstatus.codec import Codec, Dates, Ids, Null, Numbers, UnknownKeys
from jobstatus.errors import InvalidValueError
from jobstatus.lifecycle import RETRYING, STANDARD, Lifecycle
from jobstatus.strategies._values import ids

_OTHER_NAMES: Final = st.sampled_from(["canceled", "done", "Queued", ""]) | ids().filter(
    lambda name: name not in BY_NAME
)
_CODECS: Final = st.builds(
    Codec,
    null=st.sampled_from(get_args(Null)),
    unknown_keys=st.sampled_from(get_args(UnknownKeys)),
    ids=st.sampled_from(get_args(Ids)),
    numbers=st.sampled_from(get_args(Numbers)),
    dates=st.sampled_from(get_args(Dates)),
    states=st.dictionaries(_OTHER_NAMES, st.sampled_from(JobState), max_size=3),
    max_depth=st.sampled_from([64, 1, 2, MAX_DEPTH]) | st.integers(1, MAX_DEPTH),
    max_problems=st.sampled_from([1_000, 1]) | st.integers(1),
)
_ROWS: Final = st.dictionaries(st.sampled_from(JobState), st.text(max_size=8))
_TABLES: Final = st.fixed_dictionaries(dict.fromkeys(JobState, _ROWS))


def codecs() -> st.SearchStrategy[Codec]:
    """Return a strategy for codecs with any options.

    Among them:
        - the default codec
        - every value of an option that is a string
        - another name of every state
        - the least and the greatest maximum depth
        - at most one problem

    Example:
        >>> from hypothesis import find
        >>> find(codecs(), lambda codec: codec.null == "absent").decode(
        ...     '{"id": "a", "status": "queued", "error": null}'
        ... )
        JobStatus('a', 'queued')
    """
    return _CODECS


def lifecycles() -> st.SearchStrategy[Lifecycle]:
    """Return a strategy for lifecycles: the two in this package, and any others.

    Among them:
        - STANDARD and RETRYING
        - every initial state
        - a state that may follow itself
        - a reason of its own

    Example:
        >>> from hypothesis import find
        >>> find(lifecycles(), lambda lifecycle: lifecycle.allows("failed", "queued")) == RETRYING
        True
    """
    return st.sampled_from([STANDARD, RETRYING]) | _lifecycles()


@st.composite
def _lifecycles(draw: st.DrawFn) -> Lifecycle:
    table, initial = draw(_TABLES), draw(st.sampled_from(JobState))
    try:
        return Lifecycle(table, initial)
    except InvalidValueError:  # the initial state cannot reach a terminal state
        reject()
