"""Strategies of histories: legal ones, the snapshots that an observer sees, and illegal ones."""

from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from hypothesis import assume
from hypothesis import strategies as st

from jobstatus._fields import OPTIONAL
from jobstatus._states import JobState
from jobstatus._status import JobStatus, enter
from jobstatus.lifecycle import EFFECTS, STANDARD, UPDATABLE, Effect, Lifecycle
from jobstatus.strategies._payloads import (
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
    """The snapshots of a job that an observer sees.

    Attributes:
        seen: The snapshots in the order of their arrival; at least one.
        last: The seen snapshot that is the latest in the history.
        history: The legal history from which they come.
    """

    seen: History
    last: JobStatus
    history: History


class IllegalHistory(NamedTuple):
    """A history with one illegal move.

    Attributes:
        snapshots: The history.
        position: The index of the snapshot that cannot follow the one before it.
    """

    snapshots: History
    position: int


@lru_cache(maxsize=64)
def step_fields(target: JobState, fields: Fields) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy for the arguments of a step to a state, keyed by field name."""
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
    """Draw a value other than None, in up to 20 attempts.

    A Hypothesis filter gives up after three attempts, which would end the run of a state machine.
    """
    attempts = (draw(values) for _ in range(20))
    value = next((value for value in attempts if value is not None), None)
    assume(value is not None)
    return value


@lru_cache(maxsize=64)
def update_fields(fields: Fields) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy for the arguments of `JobStatus.update`."""
    names = ("progress", "estimated_completion")
    return st.fixed_dictionaries({}, optional={name: fields.optional[name] for name in names})


@st.composite
def first_snapshots(draw: st.DrawFn, lifecycle: Lifecycle, fields: Fields) -> JobStatus:
    """Draw the first snapshot of a job."""
    job = JobStatus(draw(fields.ids), lifecycle.initial)
    if lifecycle.initial in UPDATABLE:
        return job.update(estimated_completion=draw(fields.optional["estimated_completion"]))
    return enter(job, lifecycle.initial, **draw(step_fields(lifecycle.initial, fields)))


@st.composite
def _next_snapshots(
    draw: st.DrawFn, job: JobStatus, lifecycle: Lifecycle, fields: Fields, max_size: int
) -> History:
    """Draw the snapshots that follow a given one, step by step."""
    history: History = []
    for _ in range(draw(st.integers(0, max_size))):
        # None means an update. A lifecycle may let a failed job fail again, but that is a step.
        can_update = job.status in UPDATABLE and lifecycle.accepts(job.status, job.status)
        steps: list[JobState | None] = [None] if can_update else []
        steps += [state for state in JobState if lifecycle.allows(job.status, state)]
        if not steps:
            break
        if (target := draw(st.sampled_from(steps))) is None:
            job = job.update(**draw(update_fields(fields)))
        else:
            job = enter(job, target, **draw(step_fields(target, fields)))
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
    """Draw legal histories of a job: all its snapshots, in the order a producer makes them.

    Args:
        lifecycle: The lifecycle of the job.
        max_size: The maximum number of snapshots; at least 1.

    The other arguments are those of `job_statuses`.

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
    """Draw a history as a poller or queue consumer sees it.

    Snapshots are missing, repeated or reordered.

    Args:
        histories: The strategy of the histories; by default `histories`.
        in_order: Whether the snapshots arrive in the order of the history, as a poller sees them.
            Otherwise they may arrive late.

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
    """Draw histories with one move that is impossible even if an observer missed snapshots.

    The illegal move enters a state that the lifecycle cannot reach, or changes a job in a terminal
    state. All other moves are legal.

    Args:
        lifecycle: The lifecycle that makes the move illegal.

    The other arguments are those of `job_statuses`.

    Among them:
        - a move from every terminal state to every other state
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
        history.append(enter(history[-1], target, **draw(step_fields(target, fields))))
    position = draw(st.sampled_from(places)) + 1
    before = history[position - 1]
    illegal = draw_job(draw, fields, st.just(before.id), _unreached(before, lifecycle))
    assume(illegal != before)
    after = draw(_next_snapshots(illegal, lifecycle, fields, 3))
    return IllegalHistory([*history[:position], illegal, *after], position)


def _unreached(job: JobStatus, lifecycle: Lifecycle) -> list[JobState]:
    """Return the states in which a different snapshot cannot follow this one."""
    return [
        state
        for state in JobState
        if not lifecycle.reaches(job.status, state)
        or (state is job.status and state in lifecycle.terminal)
    ]


def _towards_the_end(state: JobState, lifecycle: Lifecycle) -> list[JobState]:
    """Return the next states on the shortest paths to a terminal state, which must be reachable."""
    near = lifecycle.terminal
    while lifecycle.targets(state).isdisjoint(near):
        near = frozenset(source for target in near for source in lifecycle.sources(target))
    return sorted(lifecycle.targets(state) & near)


_HISTORIES = histories()
