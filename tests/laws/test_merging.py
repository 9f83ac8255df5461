"""Laws of merge: the join of a semilattice with one top per outcome."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import reduce
from itertools import permutations

import attrs
from hypothesis import given
from hypothesis import strategies as st

from jobstatus import STANDARD, ConflictingOutcomesError, JobStatus
from jobstatus.history import check_history, merge
from jobstatus.strategies import Observation, histories, job_statuses, observations

# Few values, so that snapshots often agree in some fields and differ in others.
few = job_statuses(
    ids=st.just("a"),
    progress_values=st.sampled_from([None, 0.0, 40.0]),
    dates=st.sampled_from([None, datetime(2026, 11, 23, tzinfo=UTC)]),
    error_texts=st.sampled_from([None, "", "x"]),
)
snapshots = few | job_statuses(ids=st.just("a"))


def joined(*jobs: JobStatus | None) -> JobStatus | None:
    """Return the merged snapshot, or None for a conflict or if a snapshot is None."""
    known = [job for job in jobs if job is not None]
    if len(known) < len(jobs):
        return None
    try:
        return merge(*known)
    except ConflictingOutcomesError as conflict:
        first, second = conflict.snapshots
        assert {first.status, second.status} <= STANDARD.terminal
        assert first.status is not second.status
        assert {first, second} <= set(known)
        return None


@given(snapshots, snapshots)
def test_merging_is_commutative(a: JobStatus, b: JobStatus) -> None:
    """A conflict in one order is a conflict in the other."""
    assert joined(a, b) == joined(b, a)


@given(snapshots, snapshots, snapshots)
def test_merging_is_associative(a: JobStatus, b: JobStatus, c: JobStatus) -> None:
    """A conflict in one grouping is a conflict in every other."""
    assert joined(joined(a, b), c) == joined(a, joined(b, c)) == joined(a, b, c)


@given(snapshots)
def test_merging_is_idempotent(a: JobStatus) -> None:
    """Merging a snapshot with itself returns it."""
    assert joined(a, a) == a


@given(st.lists(snapshots, min_size=1, max_size=5))
def test_the_merged_snapshot_is_one_of_the_inputs_and_all_others_reach_it(
    jobs: list[JobStatus],
) -> None:
    """Merging never invents a value, and merging an input again changes nothing."""
    if (latest := joined(*jobs)) is not None:
        assert latest in jobs
        assert all(STANDARD.reaches(job.status, latest.status) for job in jobs)
        assert all(joined(job, latest) == latest for job in jobs)


@given(st.lists(snapshots, min_size=1, max_size=5))
def test_snapshots_conflict_exactly_if_two_outcomes_differ(jobs: list[JobStatus]) -> None:
    """No lost update is hidden, and nothing else is a conflict."""
    outcomes = {job.status for job in jobs} & STANDARD.terminal
    assert (joined(*jobs) is None) is (len(outcomes) > 1)


@given(st.lists(snapshots, min_size=1, max_size=5))
def test_merging_in_pairs_equals_merging_all_at_once(jobs: list[JobStatus]) -> None:
    """So merge works as a reducer in engines that only take functions of two arguments."""
    optional: list[JobStatus | None] = [*jobs]
    assert reduce(joined, optional) == joined(*jobs)


def rising(history: list[JobStatus]) -> list[JobStatus]:
    """Return a history in which progress never falls or disappears."""
    risen: list[JobStatus] = []
    most: float | None = None
    for job in history:
        present = [progress for progress in (most, job.progress) if progress is not None]
        most = max(present, default=None)
        risen.append(attrs.evolve(job, progress=most))
    return risen


@given(observations(histories=histories(max_size=5).map(rising)))
def test_merging_in_any_order_gives_the_state_and_progress_of_the_last_snapshot(
    observation: Observation,
) -> None:
    """If progress never falls, this is true for every permutation of the observed snapshots."""
    seen, last, history = observation
    assert list(check_history(history, gaps=False)) == []
    distinct = [job for at, job in enumerate(seen) if not any(job is one for one in seen[:at])]
    for order in permutations(distinct):
        latest = merge(*order)
        assert (latest.status, latest.progress) == (last.status, last.progress)
        assert latest == merge(*order, *seen)


@given(observations(histories=histories(max_size=5)))
def test_falling_progress_does_not_change_the_merged_state(
    observation: Observation,
) -> None:
    """A producer may correct its progress or estimate downwards."""
    assert merge(*observation.seen).status is observation.last.status
