"""Laws of what is found in histories."""

from __future__ import annotations

import random
from collections import defaultdict
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from jobstatus import STANDARD, JobStatus, Lifecycle
from jobstatus.history import Finding, check_history
from jobstatus.strategies import (
    IllegalHistory,
    Observation,
    histories,
    ids,
    job_statuses,
    observations,
    progress_values,
)
from tests.laws.test_histories import drawn_illegal_histories
from tests.laws.values import lifecycles
from tests.node.cases import times

History = list[JobStatus]


def errors(findings: list[Finding]) -> list[int]:
    """Return where the errors are."""
    return [finding.index for finding in findings if finding.severity == "error"]


def is_update(finding: Finding) -> bool:
    """Tell whether the job stayed in its state."""
    return finding.before is not None and finding.before.status is finding.after.status


# Values that fall often, and any.
progresses = st.sampled_from([None, 10.0, 20.0, 30.0]) | progress_values()
drawn_histories = lifecycles().flatmap(
    lambda lifecycle: st.tuples(
        st.just(lifecycle), histories(lifecycle=lifecycle, progress_values=progresses)
    )
)


@times(3)  # progress that falls is rare
@given(drawn_histories)
def test_what_the_steps_make_has_no_findings_but_progress_that_falls(
    drawn: tuple[Lifecycle, History],
) -> None:
    """Under any lifecycle, even judged by single edges."""
    lifecycle, history = drawn
    falls = [
        at
        for at, (before, after) in enumerate(pairwise(history), start=1)
        if before.status is after.status
        if before.progress is not None and after.progress is not None
        if after.progress < before.progress
    ]
    for edges in (False, True):
        found = list(check_history(history, lifecycle=lifecycle, edges=edges))
        assert {finding.code for finding in found} <= {"progress_fell"}
        assert [finding.index for finding in found if is_update(finding)] == falls


@given(observations(in_order=True))
def test_somebody_who_polls_finds_no_error(observation: Observation) -> None:
    """Whatever was missed or seen twice."""
    assert errors(list(check_history(observation.seen))) == []


@given(drawn_illegal_histories)
def test_the_move_that_cannot_be_is_found_and_no_other(
    drawn: tuple[Lifecycle, IllegalHistory],
) -> None:
    """Under any lifecycle: one error, at its position, between the two snapshots."""
    lifecycle, (snapshots, position) = drawn
    findings = list(check_history(snapshots, lifecycle=lifecycle))
    assert errors(findings) == [position]
    (error,) = (finding for finding in findings if finding.severity == "error")
    assert (error.before, error.after) == (snapshots[position - 1], snapshots[position])


@given(st.lists(job_statuses(ids=st.sampled_from("ab")), max_size=8))
def test_single_edges_are_stricter(history: History) -> None:
    """What polling cannot explain, no producer's record can."""
    assert set(errors(list(check_history(history)))) <= set(
        errors(list(check_history(history, edges=True)))
    )


@given(st.lists(job_statuses(ids=st.sampled_from("ab")), max_size=8))
def test_an_error_is_a_move_that_is_not_reached(history: History) -> None:
    """Or a change of what is final; stated once more from the definition."""
    by_id = defaultdict[str, list[tuple[int, JobStatus]]](list)
    for index, job in enumerate(history):
        by_id[job.id].append((index, job))
    wrong = {
        index
        for snapshots in by_id.values()
        for (_, before), (index, after) in pairwise(snapshots)
        if before != after
        if before.status in STANDARD.terminal or not STANDARD.reaches(before.status, after.status)
    }
    assert set(errors(list(check_history(history)))) == wrong


@given(st.lists(job_statuses(ids=st.sampled_from("abc")), max_size=8), st.randoms())
def test_jobs_are_judged_by_themselves(history: History, random: random.Random) -> None:
    """Interleaving them in another way changes positions alone."""
    queues = defaultdict[str, History](list)
    for job in history:
        queues[job.id].append(job)
    turns = [job.id for job in history]
    random.shuffle(turns)
    mixed = [queues[turn].pop(0) for turn in turns]

    def told(findings: list[Finding]) -> dict[str, list[str]]:
        by_job = defaultdict[str, list[str]](list)
        for finding in findings:
            by_job[finding.job_id].append(str(finding))
        return by_job

    assert told(list(check_history(mixed))) == told(list(check_history(history)))


@given(st.lists(job_statuses(ids=st.sampled_from("ab")), max_size=6), st.data())
def test_an_exact_duplicate_is_never_a_finding(history: History, data: st.DataObject) -> None:
    """Each snapshot may come again before the next of its job does."""
    repeated = [job for job in history for _ in range(data.draw(st.integers(1, 3)))]
    assert list(map(str, check_history(repeated))) == list(map(str, check_history(history)))


@given(st.lists(job_statuses(ids=ids() | st.just("a")), max_size=6))
def test_what_is_printed_is_short_and_one_line(history: History) -> None:
    """Whatever the ids and the texts hold."""
    for finding in check_history(history):
        assert len(str(finding)) < 700
        assert str(finding).isprintable()
