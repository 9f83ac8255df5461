"""Laws of merge: it is the join of a semilattice that has one top for each outcome."""

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

# Few values, so that snapshots agree in some fields and differ in others.
few = job_statuses(
    ids=st.just("a"),
    progress_values=st.sampled_from([None, 0.0, 40.0]),
    dates=st.sampled_from([None, datetime(2026, 11, 23, tzinfo=UTC)]),
    error_texts=st.sampled_from([None, "", "x"]),
)
snapshots = few | job_statuses(ids=st.just("a"))


def joined(*jobs: JobStatus | None) -> JobStatus | None:
    """Merge; None stands for a conflict, and absorbs all."""
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
    """A conflict is one both ways."""
    assert joined(a, b) == joined(b, a)


@given(snapshots, snapshots, snapshots)
def test_merging_is_associative(a: JobStatus, b: JobStatus, c: JobStatus) -> None:
    """A conflict is one however they are grouped."""
    assert joined(joined(a, b), c) == joined(a, joined(b, c)) == joined(a, b, c)


@given(snapshots)
def test_merging_is_idempotent(a: JobStatus) -> None:
    """What came twice came once."""
    assert joined(a, a) == a


@given(st.lists(snapshots, min_size=1, max_size=5))
def test_the_latest_is_one_of_the_snapshots_and_the_others_lead_to_it(
    jobs: list[JobStatus],
) -> None:
    """An upper bound of its inputs under `reaches`; never a value that nobody sent."""
    if (latest := joined(*jobs)) is not None:
        assert latest in jobs
        assert all(STANDARD.reaches(job.status, latest.status) for job in jobs)
        assert all(joined(job, latest) == latest for job in jobs)


@given(st.lists(snapshots, min_size=1, max_size=5))
def test_snapshots_conflict_exactly_if_two_outcomes_differ(jobs: list[JobStatus]) -> None:
    """No lost update is hidden, and nothing else is refused."""
    outcomes = {job.status for job in jobs} & STANDARD.terminal
    assert (joined(*jobs) is None) is (len(outcomes) > 1)


@given(st.lists(snapshots, min_size=1, max_size=5))
def test_merging_pair_by_pair_is_merging_all(jobs: list[JobStatus]) -> None:
    """It is a reducer, also for engines that know functions of two arguments alone."""
    optional: list[JobStatus | None] = [*jobs]
    assert reduce(joined, optional) == joined(*jobs)


def rising(history: list[JobStatus]) -> list[JobStatus]:
    """Return a history with each progress that falls, or goes, held at what it was."""
    risen: list[JobStatus] = []
    most: float | None = None
    for job in history:
        present = [progress for progress in (most, job.progress) if progress is not None]
        most = max(present, default=None)
        risen.append(attrs.evolve(job, progress=most))
    return risen


@given(observations(histories=histories(max_size=5).map(rising)))
def test_whatever_the_order_the_latest_is_where_the_job_is(observation: Observation) -> None:
    """Over every permutation of what was seen, repeats too: the state and progress of the last."""
    seen, last, history = observation
    assert list(check_history(history, edges=True)) == []
    distinct = [job for at, job in enumerate(seen) if not any(job is one for one in seen[:at])]
    for order in permutations(distinct):
        latest = merge(*order)
        assert (latest.status, latest.progress) == (last.status, last.progress)
        assert latest == merge(*order, *seen)


@given(observations(histories=histories(max_size=5)))
def test_whatever_the_progress_the_latest_is_in_the_state_of_the_job(
    observation: Observation,
) -> None:
    """If the producer estimates anew, the state is right all the same."""
    assert merge(*observation.seen).status is observation.last.status
