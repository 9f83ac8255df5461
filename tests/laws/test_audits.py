"""Laws of check_history."""

from __future__ import annotations

import random
from collections import defaultdict
from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from jobstatus import STANDARD, JobStatus, Lifecycle
from jobstatus.history import Finding, check_history
from jobstatus.strategies import (
    IllegalHistory,
    Observation,
    histories,
    ids,
    job_statuses,
    lifecycles,
    observations,
    progress_values,
)
from tests.laws.test_histories import drawn_illegal_histories
from tests.node.cases import times

History = list[JobStatus]


def errors(findings: list[Finding]) -> list[int]:
    """Return the indexes of the findings of severity error."""
    return [finding.index for finding in findings if finding.severity == "error"]


def is_update(finding: Finding) -> bool:
    """Return whether the job stayed in its state."""
    return finding.before is not None and finding.before.status is finding.after.status


# Three values, so that progress falls often, and any others.
progresses = st.sampled_from([None, 10.0, 20.0, 30.0]) | progress_values()
drawn_histories = lifecycles().flatmap(
    lambda lifecycle: st.tuples(
        st.just(lifecycle), histories(lifecycle=lifecycle, progress_values=progresses)
    )
)


QUEUED = JobStatus.queued("a")


@example((STANDARD, [QUEUED.update(progress=20), QUEUED.update(progress=10)]))
@times(3)  # progress that falls is rare
@given(drawn_histories)
def test_a_legal_history_has_no_findings_except_falling_progress(
    drawn: tuple[Lifecycle, History],
) -> None:
    """The lifecycle may be any, and the audit may forbid gaps."""
    lifecycle, history = drawn
    falls = [
        at
        for at, (before, after) in enumerate(pairwise(history), start=1)
        if before.status is after.status
        if before.progress is not None and after.progress is not None
        if after.progress < before.progress
    ]
    for gaps in (True, False):
        found = list(check_history(history, lifecycle=lifecycle, gaps=gaps))
        assert {finding.code for finding in found} <= {"progress_fell"}
        assert [finding.index for finding in found if is_update(finding)] == falls


@given(observations(in_order=True))
def test_missed_and_repeated_snapshots_are_not_errors(observation: Observation) -> None:
    """A poller sees snapshots in order, but misses some and sees others twice."""
    assert errors(list(check_history(observation.seen))) == []


@given(drawn_illegal_histories)
def test_only_the_illegal_move_is_an_error(
    drawn: tuple[Lifecycle, IllegalHistory],
) -> None:
    """The error has the move's position and its two snapshots, under any lifecycle."""
    lifecycle, (snapshots, position) = drawn
    findings = list(check_history(snapshots, lifecycle=lifecycle))
    assert errors(findings) == [position]
    (error,) = (finding for finding in findings if finding.severity == "error")
    assert (error.before, error.after) == (snapshots[position - 1], snapshots[position])


@given(st.lists(job_statuses(ids=st.sampled_from("ab")), max_size=8))
def test_an_audit_that_forbids_gaps_finds_at_least_the_same_errors(history: History) -> None:
    """Forbidding gaps adds errors and removes none."""
    assert set(errors(list(check_history(history)))) <= set(
        errors(list(check_history(history, gaps=False)))
    )


@given(st.lists(job_statuses(ids=st.sampled_from("ab")), max_size=8))
def test_an_error_is_an_unreachable_state_or_a_change_of_an_outcome(history: History) -> None:
    """The test derives the errors from that definition."""
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
def test_the_findings_for_a_job_do_not_depend_on_other_jobs(
    history: History, random: random.Random
) -> None:
    """Interleaving the jobs differently changes only the positions."""
    queues = defaultdict[str, History](list)
    for job in history:
        queues[job.id].append(job)
    turns = [job.id for job in history]
    random.shuffle(turns)
    mixed = [queues[turn].pop(0) for turn in turns]

    def texts_by_job(findings: list[Finding]) -> dict[str, list[str]]:
        by_job = defaultdict[str, list[str]](list)
        for finding in findings:
            by_job[finding.job_id].append(str(finding))
        return by_job

    assert texts_by_job(list(check_history(mixed))) == texts_by_job(list(check_history(history)))


@given(st.lists(job_statuses(ids=st.sampled_from("ab")), max_size=6), st.data())
def test_an_exact_duplicate_is_never_a_finding(history: History, data: st.DataObject) -> None:
    """Snapshots may be repeated one to three times."""
    repeated = [job for job in history for _ in range(data.draw(st.integers(1, 3)))]
    assert list(map(str, check_history(repeated))) == list(map(str, check_history(history)))


@given(st.lists(job_statuses(ids=ids() | st.just("a")), max_size=6))
def test_a_printed_finding_is_short_and_on_one_line(history: History) -> None:
    """Ids and error texts may have any length and any characters."""
    for finding in check_history(history):
        assert len(str(finding)) < 700
        assert str(finding).isprintable()
