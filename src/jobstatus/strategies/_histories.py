"""Strategies of histories: what a job goes through, what is seen of it, and what cannot be."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from hypothesis import assume
from hypothesis import strategies as st

from jobstatus._effects import EFFECTS, Effect
from jobstatus._fields import OPTIONAL
from jobstatus._states import JobState
from jobstatus._status import JobStatus, enter
from jobstatus.lifecycle import STANDARD, Lifecycle
from jobstatus.strategies._jobs import (
    Fields,
    OptionalDates,
    OptionalNumbers,
    OptionalTexts,
    Texts,
    draw_job,
    fields_of,
)

History: TypeAlias = list[JobStatus]


class Observation(NamedTuple):
    """What somebody sees of a job.

    Attributes:
        seen: The snapshots as they came; at least one.
        last: The one of them that is the last in the history.
        history: The legal history that they are of.
    """

    seen: History
    last: JobStatus
    history: History


class IllegalHistory(NamedTuple):
    """A history with one fault.

    Attributes:
        snapshots: The history.
        position: Where in it the snapshot is that cannot come after the one before it.
    """

    snapshots: History
    position: int


def is_updatable(state: JobState, lifecycle: Lifecycle) -> bool:
    """Tell whether `JobStatus.update` works in a state, and it is none that a job ends in."""
    return state not in STANDARD.terminal | lifecycle.terminal


@lru_cache(maxsize=64)
def givens(target: JobState, fields: Fields) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy for what a step to a state may be given, by the name of the field."""
    required: dict[str, st.SearchStrategy[Any]] = {}
    optional: dict[str, st.SearchStrategy[Any]] = {}
    for field in OPTIONAL:
        match EFFECTS[target][field.name]:
            case Effect.NEED:
                required[field.name] = _present(fields.optional[field.name])
            case Effect.SET | Effect.TAKE:
                optional[field.name] = fields.optional[field.name]
            case _:
                pass
    return st.fixed_dictionaries(required, optional=optional)


@st.composite
def _present(draw: st.DrawFn, values: st.SearchStrategy[Any]) -> Any:
    """Draw what is not None, in up to 20 attempts.

    A filter gives up after three, and with it the whole run of a machine.
    """
    attempts = (draw(values) for _ in range(20))
    value = next((value for value in attempts if value is not None), None)
    assume(value is not None)
    return value


@lru_cache(maxsize=64)
def updates(fields: Fields) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy for what `JobStatus.update` may be given."""
    names = ("progress", "estimated_completion")
    return st.fixed_dictionaries({}, optional={name: fields.optional[name] for name in names})


@st.composite
def first_snapshots(draw: st.DrawFn, lifecycle: Lifecycle, fields: Fields) -> JobStatus:
    """Draw a job as it begins."""
    job = JobStatus(draw(fields.ids), lifecycle.initial)
    if lifecycle.initial not in STANDARD.terminal:
        return job.update(estimated_completion=draw(fields.optional["estimated_completion"]))
    return enter(job, lifecycle.initial, draw(givens(lifecycle.initial, fields)))


@st.composite
def _next_snapshots(
    draw: st.DrawFn, job: JobStatus, lifecycle: Lifecycle, fields: Fields, most: int
) -> History:
    """Draw what may come after a snapshot, step by step."""
    history: History = []
    for _ in range(draw(st.integers(0, most))):
        steps: list[JobState | None] = [None] if is_updatable(job.status, lifecycle) else []
        steps += [state for state in JobState if lifecycle.allows(job.status, state)]
        if not steps:
            break
        if (target := draw(st.sampled_from(steps))) is None:
            job = job.update(**draw(updates(fields)))
        else:
            job = enter(job, target, draw(givens(target, fields)))
        history.append(job)
    return history


@st.composite
def histories(
    draw: st.DrawFn,
    *,
    lifecycle: Lifecycle = STANDARD,
    max_size: int = 10,
    ids: Texts | None = None,
    progress_values: OptionalNumbers | None = None,
    dates: OptionalDates | None = None,
    error_texts: OptionalTexts | None = None,
) -> History:
    """Draw legal histories of a job: its snapshots, as a producer makes them one after the other.

    Args:
        lifecycle: The table of the steps that are taken.
        max_size: How many snapshots there are at most, from 1.
        ids: As in `job_statuses`.
        progress_values: As in `job_statuses`.
        dates: As in `job_statuses`.
        error_texts: As in `job_statuses`.

    Among them:
        - a job that has just begun
        - a job that completed
        - a job that failed
        - a job that was cancelled
        - a job that failed before it ran
        - a job that is not done
        - updates of progress
        - progress that falls
        - an update that changes nothing
        - estimates that move

    Example:
        >>> from hypothesis import find
        >>> history = find(histories(max_size=3), lambda history: history[-1].status == "completed")
        >>> [str(job.status) for job in history]
        ['queued', 'processing', 'completed']
    """
    fields = fields_of(ids, progress_values, dates, error_texts)
    first = draw(first_snapshots(lifecycle, fields))
    return [first, *draw(_next_snapshots(first, lifecycle, fields, max_size - 1))]


@st.composite
def observations(
    draw: st.DrawFn,
    *,
    histories: st.SearchStrategy[History] | None = None,
    in_order: bool = False,
) -> Observation:
    """Draw what somebody sees of a job who polls, or whom a queue tells: not all, and not once.

    Args:
        histories: The histories to see; `histories` of the standard lifecycle if not given.
        in_order: Whether the snapshots come in the order of the history, as a poller sees them.
            Otherwise they may come late.

    Among them:
        - the whole history
        - a snapshot that was missed
        - a snapshot that came twice
        - snapshots out of order
        - the last snapshot first

    Example:
        >>> from hypothesis import find
        >>> histories = st.just([JobStatus("a", "queued"), JobStatus("a", "processing")])
        >>> late = lambda observation: observation.seen[-1] != observation.last
        >>> find(observations(histories=histories), late).seen
        [JobStatus('a', 'processing'), JobStatus('a', 'queued')]
    """
    history = draw(_HISTORIES if histories is None else histories)
    places = st.integers(0, len(history) - 1)
    orders = st.permutations(range(len(history))) | st.lists(places, min_size=1, max_size=12)
    order = draw(orders.map(sorted) if in_order else orders)
    return Observation([history[at] for at in order], history[max(order)], history)


@st.composite
def illegal_histories(
    draw: st.DrawFn,
    *,
    lifecycle: Lifecycle = STANDARD,
    ids: Texts | None = None,
    progress_values: OptionalNumbers | None = None,
    dates: OptionalDates | None = None,
    error_texts: OptionalTexts | None = None,
) -> IllegalHistory:
    """Draw histories with one move that cannot be, even if snapshots between were missed.

    It goes where the lifecycle does not reach, or changes a job whose state is terminal. All other
    moves are legal.

    Args:
        lifecycle: The table that the move is judged by.
        ids: As in `job_statuses`.
        progress_values: As in `job_statuses`.
        dates: As in `job_statuses`.
        error_texts: As in `job_statuses`.

    Among them:
        - every terminal state that was left for every other state
        - a processing job that is queued again
        - an outcome with another error
        - a move after legal ones
        - a move before legal ones

    Example:
        >>> from hypothesis import find
        >>> after_failure = lambda illegal: illegal.snapshots[1].status == "failed"
        >>> find(illegal_histories(), after_failure).snapshots
        [JobStatus('', 'queued'), JobStatus('', 'failed', error=''), JobStatus('', 'queued')]
    """
    fields = fields_of(ids, progress_values, dates, error_texts)
    first = draw(first_snapshots(lifecycle, fields))
    history = [first, *draw(_next_snapshots(first, lifecycle, fields, 5))]
    while not (places := [at for at, job in enumerate(history) if _unreached(job, lifecycle)]):
        target = draw(st.sampled_from(_towards_the_end(history[-1].status, lifecycle)))
        history.append(enter(history[-1], target, draw(givens(target, fields))))
    position = draw(st.sampled_from(places)) + 1
    before = history[position - 1]
    illegal = draw_job(draw, fields, st.just(before.id), _unreached(before, lifecycle))
    assume(illegal != before)
    after = draw(_next_snapshots(illegal, lifecycle, fields, 3))
    return IllegalHistory([*history[:position], illegal, *after], position)


def _unreached(job: JobStatus, lifecycle: Lifecycle) -> list[JobState]:
    """Return the states in which nobody can see the job afterwards, unless it is as it was."""
    return [
        state
        for state in JobState
        if not lifecycle.reaches(job.status, state)
        or (state is job.status and state in lifecycle.terminal)
    ]


def _towards_the_end(state: JobState, lifecycle: Lifecycle) -> list[JobState]:
    """Return the next states on the shortest ways to a terminal one, of which there is one."""
    near = lifecycle.terminal
    while lifecycle.targets(state).isdisjoint(near):
        near = frozenset(source for target in near for source in lifecycle.sources(target))
    return sorted(lifecycle.targets(state) & near)


_HISTORIES = histories()
