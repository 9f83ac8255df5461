"""Strategies of jobs and payloads."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeAlias, final, get_args

import attrs
from hypothesis import strategies as st

from jobstatus._payload import Payload
from jobstatus._states import JobState, StateName, parse_state
from jobstatus._status import JobStatus
from jobstatus.strategies import _values

Texts: TypeAlias = st.SearchStrategy[str]
OptionalTexts: TypeAlias = st.SearchStrategy[str | None]
OptionalNumbers: TypeAlias = st.SearchStrategy[float | None]
OptionalDates: TypeAlias = st.SearchStrategy[datetime | None]


@final
@attrs.frozen(eq=False)
class Fields:
    """What the fields of jobs are drawn from; the optional ones by name, with None for absent."""

    ids: Texts
    optional: Mapping[str, st.SearchStrategy[Any]]


@lru_cache(maxsize=64)  # for a strategy that is made anew is validated anew, at each draw
def fields_of(
    ids: Texts | None = None,
    progress_values: OptionalNumbers | None = None,
    dates: OptionalDates | None = None,
    error_texts: OptionalTexts | None = None,
) -> Fields:
    """Return what fields are drawn from: as given, or else all that they may hold."""
    optional: dict[str, tuple[st.SearchStrategy[Any] | None, st.SearchStrategy[Any]]] = {
        "progress": (progress_values, _values.progress_values()),
        "estimated_completion": (dates, _values.dates()),
        "error": (error_texts, _values.error_texts()),
    }
    return Fields(
        _values.ids() if ids is None else ids,
        {
            name: st.none() | anything if given is None else given
            for name, (given, anything) in optional.items()
        },
    )


@st.composite
def job_statuses(
    draw: st.DrawFn,
    *,
    states: Collection[JobState | StateName] | None = None,
    ids: Texts | None = None,
    progress_values: OptionalNumbers | None = None,
    dates: OptionalDates | None = None,
    error_texts: OptionalTexts | None = None,
) -> JobStatus:
    """Draw every legal JobStatus.

    Nothing ties one field to another, as on the wire: a queued job may carry an error. For jobs as
    a producer makes them one after the other, see `histories`. ``st.from_type(JobStatus)`` is this
    strategy, and ``st.from_type(JobStatus[Queued])`` that of queued jobs.

    Args:
        states: The states to draw from; all if not given.
        ids: What the id is drawn from; `ids` if not given.
        progress_values: What the progress is drawn from, with None for absent; None and
            `progress_values` if not given.
        dates: Likewise, what the estimated completion is drawn from.
        error_texts: Likewise, what the error is drawn from.

    Raises:
        InvalidValueError: If ``states`` has something that is not a state.

    Among them:
        - every state with every subset of the optional fields
        - an id with lone surrogates
        - an error with lone surrogates
        - an empty error
        - progress 0
        - a date at an end of the range

    Example:
        >>> from hypothesis import find
        >>> find(job_statuses(states=["failed"], ids=st.just("a")), lambda job: job.error)
        JobStatus('a', 'failed', error='0')
    """
    chosen = set(JobState) if states is None else set(map(parse_state, states))
    fields = fields_of(ids, progress_values, dates, error_texts)
    # In the order of the enum, for a set has none.
    return draw_job(draw, fields, fields.ids, [state for state in JobState if state in chosen])


def draw_job(draw: st.DrawFn, fields: Fields, ids: Texts, states: Sequence[JobState]) -> JobStatus:
    """Draw a job in one of some states."""
    optional = {name: draw(values) for name, values in fields.optional.items()}
    return JobStatus(draw(ids), draw(st.sampled_from(states)), **optional)


ANY_JOBS = job_statuses()


@st.composite
def payloads(draw: st.DrawFn, *, jobs: st.SearchStrategy[JobStatus] | None = None) -> Payload:
    """Draw valid payloads: dicts as `JobStatus.to_payload` gives them.

    Args:
        jobs: The jobs to make them of; `job_statuses` if not given.

    Among them:
        - every state with every subset of the optional keys
        - progress as an int
        - progress as a float

    Example:
        >>> from hypothesis import find
        >>> find(payloads(), lambda payload: "progress" in payload)
        {'id': '', 'status': 'queued', 'progress': 0}
    """
    return draw(ANY_JOBS if jobs is None else jobs).to_payload()


def from_type(type_: Any) -> st.SearchStrategy[JobStatus]:
    """Return what ``st.from_type`` gives for JobStatus, or for it with its parameter."""
    return job_statuses(states=_states(type_) or None)


def _states(type_: Any) -> list[JobState]:
    return [
        state
        for argument in get_args(type_)
        for state in ([argument] if isinstance(argument, JobState) else _states(argument))
    ]
