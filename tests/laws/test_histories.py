"""Laws of the strategies of histories, under any lifecycle."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from jobstatus import JobState, JobStatus, Lifecycle
from jobstatus.lifecycle import EFFECTS
from jobstatus.strategies import (
    IllegalHistory,
    Observation,
    histories,
    illegal_histories,
    lifecycles,
)
from jobstatus.strategies import observations as observations_of


def is_update(before: JobStatus, after: JobStatus, lifecycle: Lifecycle) -> bool:
    """Return whether `JobStatus.update` can turn one snapshot into the other."""
    progress, estimate = after.progress, after.estimated_completion
    return (
        before.status in {JobState.QUEUED, JobState.PROCESSING}
        and before.status not in lifecycle.terminal
        and before.update(progress=progress, estimated_completion=estimate) == after
    )


def is_step(before: JobStatus, after: JobStatus, lifecycle: Lifecycle) -> bool:
    """Return whether `JobStatus.transition_to` can turn one snapshot into the other."""
    effects = EFFECTS[after.status]
    given = {name: getattr(after, name) for name in effects if effects[name].settable}
    return (
        lifecycle.allows(before.status, after.status)
        and before.transition_to(after.status, lifecycle=lifecycle, **given) == after
    )


def is_possible(before: JobStatus, after: JobStatus, lifecycle: Lifecycle) -> bool:
    """Return whether an observer that misses snapshots may see one after the other."""
    if before.status in lifecycle.terminal:
        return after == before
    return lifecycle.reaches(before.status, after.status)


drawn_histories = lifecycles().flatmap(
    lambda lifecycle: st.tuples(st.just(lifecycle), histories(lifecycle=lifecycle, max_size=6))
)
drawn_illegal_histories = lifecycles().flatmap(
    lambda lifecycle: st.tuples(st.just(lifecycle), illegal_histories(lifecycle=lifecycle))
)
observations = st.booleans().flatmap(
    lambda in_order: observations_of(
        histories=drawn_histories.map(lambda drawn: drawn[1]), in_order=in_order
    )
)


@given(drawn_histories)
def test_the_methods_of_jobstatus_can_produce_every_history(
    drawn: tuple[Lifecycle, list[JobStatus]],
) -> None:
    """It begins in the initial state, and each step or update is legal under the lifecycle."""
    lifecycle, history = drawn
    assert 1 <= len(history) <= 6
    assert history[0].status is lifecycle.initial
    for before, after in pairwise(history):
        assert is_update(before, after, lifecycle) or is_step(before, after, lifecycle)


@given(observations)
def test_an_observation_contains_only_snapshots_of_its_history(observation: Observation) -> None:
    """Its last snapshot is the latest of them in the history."""
    seen, last, history = observation
    places = [at for at, job in enumerate(history) if any(job is other for other in seen)]
    assert all(any(job is other for job in history) for other in seen)
    assert history[max(places)] is last


@given(drawn_illegal_histories)
def test_an_illegal_history_has_exactly_one_impossible_move(
    drawn: tuple[Lifecycle, IllegalHistory],
) -> None:
    """The move is at the reported position. An observer could see all the others."""
    lifecycle, (snapshots, position) = drawn
    moves = enumerate(pairwise(snapshots), start=1)
    impossible = [at for at, (before, after) in moves if not is_possible(before, after, lifecycle)]
    assert impossible == [position]
    assert len({job.id for job in snapshots}) == 1
