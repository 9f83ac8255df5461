"""What is wrong with a history, and which snapshot is the latest."""

from __future__ import annotations

import copy
import pickle
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, get_args

import attrs
import pytest

from jobstatus import (
    RETRYING,
    ConflictingOutcomesError,
    InvalidValueError,
    JobState,
    JobStatus,
    Lifecycle,
)
from jobstatus.history import (
    SEVERITIES,
    Audit,
    Finding,
    FindingCode,
    Severity,
    check_history,
    merge,
)

QUEUED = JobStatus.queued("job-42")
RUNNING = QUEUED.start(progress=40)
CANCELLED = RUNNING.cancel()
COMPLETED = RUNNING.complete()
FAILED = RUNNING.fail("timeout")
LATE = datetime(2026, 11, 23, 14, 40, tzinfo=UTC)


def found(*snapshots: JobStatus, **options: Any) -> list[tuple[int, FindingCode]]:
    """Return the index and the code of each finding."""
    return [(finding.index, finding.code) for finding in check_history(snapshots, **options)]


def message(*snapshots: JobStatus, **options: Any) -> str:
    """Return the message of the only finding."""
    (finding,) = check_history(snapshots, **options)
    return finding.message


def test_what_a_producer_does_is_no_finding() -> None:
    """Whether it is seen whole or with gaps."""
    running = RUNNING.update(progress=80)
    assert found(QUEUED, RUNNING, running, running.complete()) == []
    assert found(QUEUED, running.complete()) == []
    assert found(running.complete()) == []


def test_an_exact_duplicate_is_no_finding() -> None:
    """A repeat that follows is passed over, also of an outcome and of what is odd."""
    odd = JobStatus("job-42", "failed")
    assert found(QUEUED, QUEUED, RUNNING, CANCELLED, CANCELLED) == []
    assert found(odd, odd, odd) == [(0, "failed_without_error")]


def test_a_finding_says_where_what_and_between_what() -> None:
    """With the snapshots themselves."""
    (finding,) = check_history([QUEUED, CANCELLED, JobStatus.queued("b"), COMPLETED])
    assert finding == Finding(
        "outcome_replaced",
        "status: cannot go from cancelled to completed, cancelled is final",
        3,
        None,
        CANCELLED,
        COMPLETED,
    )
    assert (finding.job_id, finding.severity) == ("job-42", "error")
    assert str(finding) == f"error outcome_replaced job 'job-42': {finding.message}"


def test_a_move_that_cannot_be_is_illegal() -> None:
    """It is judged by what is reached, and the message says what is."""
    assert found(RUNNING, QUEUED) == [(1, "illegal_move")]
    assert message(RUNNING, QUEUED) == (
        "status: cannot go from processing to queued, allowed: completed, failed, cancelled"
    )


def test_a_record_without_gaps_is_judged_by_single_edges() -> None:
    """An update is no move."""
    completed = JobStatus("job-42", "completed", progress=100)
    assert found(QUEUED, completed) == []
    assert message(QUEUED, completed, edges=True) == (
        "status: cannot go from queued to completed in one step, "
        "allowed: processing, failed, cancelled"
    )
    assert found(QUEUED, RUNNING, RUNNING.update(progress=50), completed, edges=True) == []


def test_an_outcome_is_final_however_many_steps_are_taken() -> None:
    """The message does not speak of one step."""
    final = "status: cannot go from cancelled to completed, cancelled is final"
    assert message(CANCELLED, COMPLETED, edges=True) == final


def test_a_state_that_a_job_cannot_leave_need_not_be_terminal() -> None:
    """The message says what is allowed."""
    stuck = Lifecycle(
        {
            JobState.QUEUED: [JobState.PROCESSING, JobState.FAILED],
            JobState.PROCESSING: [JobState.PROCESSING],
            JobState.COMPLETED: [],
            JobState.FAILED: [],
            JobState.CANCELLED: [],
        }
    )
    assert message(RUNNING, QUEUED, lifecycle=stuck) == (
        "status: cannot go from processing to queued, allowed: nothing else"
    )


@pytest.mark.parametrize("outcome", [COMPLETED, FAILED, CANCELLED])
@pytest.mark.parametrize("after", [QUEUED, RUNNING])
def test_an_outcome_that_was_left_is_a_finding(outcome: JobStatus, after: JobStatus) -> None:
    """The job came back to life."""
    assert found(outcome, after) == [(1, "outcome_left")]
    assert message(outcome, after) == (
        f"status: cannot go from {outcome.status} to {after.status}, {outcome.status} is final"
    )


@pytest.mark.parametrize(
    ("before", "after"), [(CANCELLED, COMPLETED), (FAILED, COMPLETED), (COMPLETED, FAILED)]
)
def test_an_outcome_that_was_replaced_is_a_finding(before: JobStatus, after: JobStatus) -> None:
    """An update was lost."""
    assert found(before, after) == [(1, "outcome_replaced")]


def test_a_field_that_changed_after_the_outcome_is_a_finding() -> None:
    """Every change is named, in the wire's terms."""
    changed = attrs.evolve(FAILED, progress=None, estimated_completion=LATE, error="retry")
    assert found(FAILED, changed) == [(1, "changed_after_outcome")]
    assert message(FAILED, changed) == (
        "progress: cannot change from 40 to nothing; "
        "estimatedCompletion: cannot change from nothing to '2026-11-23T14:40:00.000Z'; "
        "error: cannot change from 'timeout' to 'retry', failed is final"
    )


def test_progress_that_fell_is_a_warning() -> None:
    """Real producers estimate anew."""
    (finding,) = check_history([RUNNING, RUNNING.update(progress=12.5)])
    assert (finding.code, finding.severity) == ("progress_fell", "warning")
    assert finding.message == "progress: expected at least 40, got 12.5"
    assert found(RUNNING, JobStatus("job-42", "cancelled", progress=10)) == [(1, "progress_fell")]
    assert found(QUEUED.update(progress=90), RUNNING) == [(1, "progress_fell")]


def test_progress_that_is_absent_did_not_fall() -> None:
    """Many producers send none with an outcome."""
    assert found(RUNNING, RUNNING.update(progress=None), RUNNING) == []
    assert found(RUNNING, JobStatus("job-42", "completed")) == []


def test_a_failure_without_an_error_text_is_a_note() -> None:
    """It is legal, and no step makes it."""
    (finding,) = check_history([JobStatus("job-42", "failed")])
    assert (finding.code, finding.severity) == ("failed_without_error", "note")
    assert finding.message == "error: expected a string on a failed job, got nothing"
    assert finding.before is None


@pytest.mark.parametrize("state", ["queued", "processing", "completed"])
def test_an_error_text_without_a_failure_is_a_note(state: Any) -> None:
    """Perhaps of an earlier attempt."""
    job = JobStatus("job-42", state, error="t" * 100)
    (finding,) = check_history([job])
    assert (finding.code, finding.severity) == ("error_without_failure", "note")
    assert finding.message.startswith(f"error: expected nothing on a {state} job, got 'ttt")
    assert len(finding.message) < 130


def test_a_cancelled_job_may_say_why() -> None:
    """The step takes a text, so that it is not odd."""
    assert found(RUNNING, RUNNING.cancel("by the customer")) == []


def test_completed_below_100_is_a_note() -> None:
    """Absent is not below."""
    (finding,) = check_history([JobStatus("job-42", "completed", progress=99.5)])
    assert (finding.code, finding.severity) == ("completed_below_100", "note")
    assert finding.message == "progress: expected 100 on a completed job, got 99.5"
    assert found(JobStatus("job-42", "completed")) == []


def test_all_that_is_wrong_with_a_snapshot_is_said_at_once() -> None:
    """What breaks the lifecycle first."""
    odd = JobStatus("job-42", "completed", progress=40, error="timeout")
    assert found(CANCELLED, odd) == [
        (1, "outcome_replaced"),
        (1, "error_without_failure"),
        (1, "completed_below_100"),
    ]


def test_what_stays_odd_is_said_once() -> None:
    """Until it was in order between."""
    odd = attrs.evolve(RUNNING, error="of the first attempt")
    more = odd.update(progress=50)
    assert found(odd, more) == [(0, "error_without_failure")]
    again = [(0, "error_without_failure"), (2, "error_without_failure")]
    assert found(odd, attrs.evolve(more, error=None), more) == again


def test_jobs_may_be_interleaved() -> None:
    """Each is compared with itself."""
    other = attrs.evolve(RUNNING, id="b")
    assert found(CANCELLED, other, other.complete(), COMPLETED) == [(3, "outcome_replaced")]


def test_after_a_finding_the_history_goes_on_from_there() -> None:
    """A late message is one finding, and so is an outcome that was replaced."""
    assert found(CANCELLED, COMPLETED, COMPLETED) == [(1, "outcome_replaced")]
    assert found(RUNNING, QUEUED, RUNNING) == [(1, "illegal_move")]


def test_another_lifecycle_may_judge() -> None:
    """What it allows is no finding."""
    again = RUNNING.update(progress=50)
    assert found(FAILED, QUEUED, RUNNING, QUEUED, lifecycle=RETRYING) == []
    assert found(COMPLETED, QUEUED, lifecycle=RETRYING) == [(1, "outcome_left")]
    assert found(FAILED, QUEUED.start(progress=0), again, lifecycle=RETRYING, edges=True) == []
    assert found(QUEUED, FAILED, FAILED, lifecycle=RETRYING) == []


def test_progress_begins_anew_where_a_job_goes_back() -> None:
    """Where it stays, or ends, progress that is less has fallen."""
    first = RUNNING.update(progress=10)
    fell = [(1, "progress_fell")]
    for edges in (False, True):
        assert found(FAILED, first, lifecycle=RETRYING, edges=edges) == []
        assert found(RUNNING, first, lifecycle=RETRYING, edges=edges) == fell
        assert found(RUNNING, first.fail("x"), lifecycle=RETRYING, edges=edges) == fell
        assert found(RUNNING, first.cancel(), lifecycle=RETRYING, edges=edges) == fell


def test_a_state_that_a_job_cannot_begin_in_or_reach_is_illegal() -> None:
    """Even if it is the first that is seen."""
    uncancellable = Lifecycle(
        {
            JobState.QUEUED: [JobState.PROCESSING],
            JobState.PROCESSING: [JobState.COMPLETED, JobState.FAILED],
            JobState.COMPLETED: [],
            JobState.FAILED: [],
            JobState.CANCELLED: [],
        }
    )
    assert found(CANCELLED, lifecycle=uncancellable) == [(0, "illegal_move")]
    assert message(CANCELLED, lifecycle=uncancellable) == (
        "status: expected a state that queued leads to, got cancelled"
    )


def test_snapshots_are_read_as_findings_are_asked_for() -> None:
    """An endless stream has a first finding."""

    def endless() -> Iterator[JobStatus]:
        yield CANCELLED
        while True:
            yield COMPLETED
            yield CANCELLED

    findings = check_history(endless())
    assert [next(findings).index for _ in range(3)] == [1, 2, 3]


def test_one_snapshot_of_each_job_is_kept() -> None:
    """The memory does not grow with the number of snapshots."""
    updates = (
        JobStatus(f"job-{number % 10}", "processing", progress=number / 100)
        for number in range(10_000)
    )
    tracemalloc.start()
    assert list(check_history(updates)) == []
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100_000


def test_an_audit_is_told_one_by_one_and_knows_the_lines() -> None:
    """It says where each job is."""
    audit = Audit()
    assert audit.add(CANCELLED, line=3) == []
    (finding,) = audit.add(COMPLETED, line=7)
    assert (finding.index, finding.line, finding.code) == (1, 7, "outcome_replaced")
    assert audit.jobs == {"job-42": COMPLETED}
    assert repr(audit) == f"Audit(lifecycle={audit.lifecycle!r}, edges=False)"


def test_what_an_audit_knows_is_its_own() -> None:
    """Its view and its options cannot be changed, and it is equal to no other."""
    audit = Audit()
    with pytest.raises(TypeError):
        audit.jobs["a"] = QUEUED  # type: ignore[index]  # pyright: ignore[reportIndexIssue]
    with pytest.raises(attrs.exceptions.FrozenAttributeError):
        audit.edges = True
    with pytest.raises(attrs.exceptions.FrozenAttributeError):
        audit.lifecycle = RETRYING
    assert audit != Audit()


def test_the_options_of_an_audit_are_given_by_name() -> None:
    """As those of `check_history` are; what it comes to know is none of them."""
    make: Any = Audit
    with pytest.raises(TypeError):
        make(RETRYING)
    for known in ("rules", "last", "count"):
        with pytest.raises(TypeError):
            make(**{known: None})


def test_an_audit_can_be_stopped_and_resumed() -> None:
    """A pickle has all that it knows."""
    audit = Audit(lifecycle=RETRYING, edges=True)
    audit.add(CANCELLED)
    resumed = pickle.loads(pickle.dumps(audit))
    assert resumed.add(COMPLETED) == audit.add(COMPLETED) != []


def test_a_finding_copies_and_pickles() -> None:
    """It crosses processes."""
    (finding,) = check_history([CANCELLED, COMPLETED])
    assert finding == pickle.loads(pickle.dumps(finding)) == copy.deepcopy(finding)


def test_a_hostile_id_forges_no_line() -> None:
    """It is cut and escaped in what people read, and exact in the attribute."""
    hostile = "a\nerror" + "x" * 1000
    (finding,) = check_history([JobStatus(hostile, "failed")])
    assert finding.job_id == hostile
    assert "\n" not in str(finding)
    assert len(str(finding)) < 200


def test_every_code_has_a_severity() -> None:
    """The table of severities has each code once, and each severity."""
    assert list(SEVERITIES) == list(get_args(FindingCode))
    assert set(SEVERITIES.values()) == set(get_args(Severity))


@pytest.mark.parametrize("wrong", ["standard", None])
def test_a_lifecycle_that_is_none_is_refused_at_once(wrong: Any) -> None:
    """Before a snapshot is read."""
    with pytest.raises(InvalidValueError) as error:
        check_history([], lifecycle=wrong)
    assert error.value.code == "invalid_option"
    assert str(error.value) == f"lifecycle: expected a Lifecycle, got {wrong!r}"


@pytest.mark.parametrize("wrong", [{"id": "a", "status": "queued"}, None])
def test_what_is_no_job_is_a_type_error(wrong: Any) -> None:
    """In a history and in a merge, wherever it stands."""
    with pytest.raises(TypeError, match="expected a JobStatus, got "):
        found(wrong)
    with pytest.raises(TypeError, match="expected a JobStatus, got "):
        merge(wrong)
    with pytest.raises(TypeError, match="expected a JobStatus, got "):
        merge(QUEUED, wrong)


def test_the_later_state_wins() -> None:
    """Whatever the progress is."""
    assert merge(RUNNING, QUEUED) is RUNNING
    assert merge(QUEUED.update(progress=90), RUNNING) is RUNNING
    assert merge(QUEUED, RUNNING, CANCELLED, RUNNING) is CANCELLED


def test_in_one_state_the_greater_progress_wins() -> None:
    """Absent is least."""
    absent = RUNNING.update(progress=None)
    assert merge(absent, RUNNING.update(progress=0)).progress == 0
    assert merge(RUNNING, RUNNING.update(progress=41), absent).progress == 41


def test_with_equal_progress_the_later_estimate_wins_and_then_the_greater_text() -> None:
    """One fixed order decides, whatever came first."""
    early, late = (
        attrs.evolve(FAILED, estimated_completion=LATE.replace(hour=hour), error=error)
        for hour, error in ((12, "z"), (13, "a"))
    )
    assert merge(early, late, FAILED) is late
    greater = attrs.evolve(late, error="b")
    assert merge(late, greater) is merge(greater, late) is greater


def test_one_snapshot_is_the_latest_of_itself() -> None:
    """Without any there is nothing to merge."""
    assert merge(QUEUED) is QUEUED
    with pytest.raises(TypeError):
        merge()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


@pytest.mark.parametrize("other", [COMPLETED, FAILED])
def test_different_outcomes_conflict(other: JobStatus) -> None:
    """The error has both snapshots, in the order in which they were given."""
    for first, second in ((CANCELLED, other), (other, CANCELLED)):
        with pytest.raises(ConflictingOutcomesError) as conflict:
            merge(QUEUED, first, RUNNING, second)
        assert conflict.value.snapshots == (first, second)


def test_snapshots_of_different_jobs_are_not_merged() -> None:
    """The message names both."""
    with pytest.raises(InvalidValueError) as error:
        merge(QUEUED, JobStatus.queued("job-43"))
    assert error.value.code == "mixed_jobs"
    assert str(error.value) == "id: expected snapshots of one job, got 'job-42' and 'job-43'"
