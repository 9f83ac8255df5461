"""`check_history` and Audit return findings, and `merge` returns the latest snapshot."""

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


def test_a_legal_history_has_no_findings() -> None:
    """This holds whether every snapshot is seen or some are missing."""
    running = RUNNING.update(progress=80)
    assert found(QUEUED, RUNNING, running, running.complete()) == []
    assert found(QUEUED, running.complete()) == []
    assert found(running.complete()) == []


def test_an_exact_duplicate_is_not_a_finding() -> None:
    """A repeated snapshot is skipped, even if it is an outcome or has findings itself."""
    odd = JobStatus("job-42", "failed")
    assert found(QUEUED, QUEUED, RUNNING, CANCELLED, CANCELLED) == []
    assert found(odd, odd, odd) == [(0, "failed_without_error")]


def test_a_finding_has_its_code_message_position_and_snapshots() -> None:
    """The snapshots are the same objects as in the history."""
    (finding,) = check_history([QUEUED, CANCELLED, JobStatus.queued("b"), COMPLETED])
    assert finding == Finding(
        "outcome_replaced",
        "status: cannot go from cancelled to completed, because cancelled is terminal",
        3,
        None,
        CANCELLED,
        COMPLETED,
    )
    assert (finding.job_id, finding.severity) == ("job-42", "error")
    assert str(finding) == f"error: job 'job-42': {finding.message} [outcome_replaced]"


def test_a_move_to_an_unreachable_state_is_illegal() -> None:
    """The message lists the states that can be reached."""
    assert found(RUNNING, QUEUED) == [(1, "illegal_move")]
    assert message(RUNNING, QUEUED) == (
        "status: cannot go from processing to queued, only to completed, failed or cancelled"
    )


def test_without_gaps_a_move_must_be_a_single_transition() -> None:
    """An update that keeps the state needs no transition."""
    completed = JobStatus("job-42", "completed", progress=100)
    assert found(QUEUED, completed) == []
    assert message(QUEUED, completed, gaps=False) == (
        "status: cannot go from queued to completed in one transition, "
        "only to processing, failed or cancelled"
    )
    assert found(QUEUED, RUNNING, RUNNING.update(progress=50), completed, gaps=False) == []


def test_without_gaps_a_message_still_says_that_an_outcome_is_terminal() -> None:
    """The number of transitions does not matter, so the message does not mention it."""
    final = "status: cannot go from cancelled to completed, because cancelled is terminal"
    assert message(CANCELLED, COMPLETED, gaps=False) == final


def test_a_dead_end_need_not_be_a_terminal_state() -> None:
    """Here a processing job can only stay as it is, so the message names no state to go to."""
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
        "status: cannot go from processing to queued, nor to any other state"
    )


@pytest.mark.parametrize("outcome", [COMPLETED, FAILED, CANCELLED])
@pytest.mark.parametrize("after", [QUEUED, RUNNING])
def test_leaving_an_outcome_is_a_finding(outcome: JobStatus, after: JobStatus) -> None:
    """The job was active again after its end."""
    assert found(outcome, after) == [(1, "outcome_left")]
    assert message(outcome, after) == (
        f"status: cannot go from {outcome.status} to {after.status}, "
        f"because {outcome.status} is terminal"
    )


@pytest.mark.parametrize(
    ("before", "after"), [(CANCELLED, COMPLETED), (FAILED, COMPLETED), (COMPLETED, FAILED)]
)
def test_replacing_an_outcome_is_a_finding(before: JobStatus, after: JobStatus) -> None:
    """One of the two updates was lost."""
    assert found(before, after) == [(1, "outcome_replaced")]


def test_a_changed_field_after_the_outcome_is_a_finding() -> None:
    """The message names every changed field by its key in the payload."""
    changed = attrs.evolve(FAILED, progress=None, estimated_completion=LATE, error="retry")
    assert found(FAILED, changed) == [(1, "changed_after_outcome")]
    assert message(FAILED, changed) == (
        "progress: cannot change from 40 to nothing; "
        "estimatedCompletion: cannot change from nothing to '2026-11-23T14:40:00.000Z'; "
        "error: cannot change from 'timeout' to 'retry', because failed is terminal"
    )


def test_falling_progress_is_a_warning() -> None:
    """It is not an error, because real producers correct their progress."""
    (finding,) = check_history([RUNNING, RUNNING.update(progress=12.5)])
    assert (finding.code, finding.severity) == ("progress_fell", "warning")
    assert finding.message == "progress: expected at least 40, got 12.5"
    assert found(RUNNING, JobStatus("job-42", "cancelled", progress=10)) == [(1, "progress_fell")]
    assert found(QUEUED.update(progress=90), RUNNING) == [(1, "progress_fell")]


def test_absent_progress_is_not_falling_progress() -> None:
    """Many producers send no progress with an outcome."""
    assert found(RUNNING, RUNNING.update(progress=None), RUNNING) == []
    assert found(RUNNING, JobStatus("job-42", "completed")) == []


def test_a_failure_without_an_error_text_is_a_note() -> None:
    """Such a job is valid, but no transition produces it."""
    (finding,) = check_history([JobStatus("job-42", "failed")])
    assert (finding.code, finding.severity) == ("failed_without_error", "note")
    assert finding.message == "error: expected a text on a failed job, got nothing"
    assert finding.before is None


@pytest.mark.parametrize("state", ["queued", "processing", "completed"])
def test_an_error_text_without_a_failure_is_a_note(state: Any) -> None:
    """The text may come from an earlier attempt."""
    job = JobStatus("job-42", state, error="t" * 100)
    (finding,) = check_history([job])
    assert (finding.code, finding.severity) == ("error_without_failure", "note")
    assert finding.message.startswith(f"error: expected no text on a {state} job, got 'ttt")
    assert len(finding.message) < 130


def test_a_cancelled_job_may_have_an_error_text() -> None:
    """The transition accepts a text, so this is not a finding."""
    assert found(RUNNING, RUNNING.cancel("by the customer")) == []


def test_a_completed_job_below_100_is_a_note() -> None:
    """Absent progress is not below 100."""
    (finding,) = check_history([JobStatus("job-42", "completed", progress=99.5)])
    assert (finding.code, finding.severity) == ("completed_below_100", "note")
    assert finding.message == "progress: expected 100 on a completed job, got 99.5"
    assert found(JobStatus("job-42", "completed")) == []


def test_a_snapshot_may_have_several_findings() -> None:
    """Violations of the lifecycle come first."""
    odd = JobStatus("job-42", "completed", progress=40, error="timeout")
    assert found(CANCELLED, odd) == [
        (1, "outcome_replaced"),
        (1, "error_without_failure"),
        (1, "completed_below_100"),
    ]


def test_a_finding_that_persists_is_reported_once() -> None:
    """It is reported again only if it was resolved in between."""
    odd = attrs.evolve(RUNNING, error="of the first attempt")
    more = odd.update(progress=50)
    assert found(odd, more) == [(0, "error_without_failure")]
    again = [(0, "error_without_failure"), (2, "error_without_failure")]
    assert found(odd, attrs.evolve(more, error=None), more) == again


def test_jobs_may_be_interleaved() -> None:
    """Each job is compared only with its own earlier snapshot."""
    other = attrs.evolve(RUNNING, id="b")
    assert found(CANCELLED, other, other.complete(), COMPLETED) == [(3, "outcome_replaced")]


def test_after_a_finding_the_check_continues_from_the_new_snapshot() -> None:
    """One late message, or one replaced outcome, therefore gives a single finding."""
    assert found(CANCELLED, COMPLETED, COMPLETED) == [(1, "outcome_replaced")]
    assert found(RUNNING, QUEUED, RUNNING) == [(1, "illegal_move")]


def test_another_lifecycle_may_be_used() -> None:
    """The moves that it allows are not findings."""
    again = RUNNING.update(progress=50)
    assert found(FAILED, QUEUED, RUNNING, QUEUED, lifecycle=RETRYING) == []
    assert found(COMPLETED, QUEUED, lifecycle=RETRYING) == [(1, "outcome_left")]
    assert found(FAILED, QUEUED.start(progress=0), again, lifecycle=RETRYING, gaps=False) == []
    assert found(QUEUED, FAILED, FAILED, lifecycle=RETRYING) == []


def test_progress_may_fall_if_a_job_goes_back() -> None:
    """If the job keeps its state, or ends, lower progress is still a finding."""
    first = RUNNING.update(progress=10)
    fell = [(1, "progress_fell")]
    for gaps in (True, False):
        assert found(FAILED, first, lifecycle=RETRYING, gaps=gaps) == []
        assert found(RUNNING, first, lifecycle=RETRYING, gaps=gaps) == fell
        assert found(RUNNING, first.fail("x"), lifecycle=RETRYING, gaps=gaps) == fell
        assert found(RUNNING, first.cancel(), lifecycle=RETRYING, gaps=gaps) == fell


def test_a_state_that_no_job_can_reach_is_illegal() -> None:
    """This holds even for the first snapshot of a job."""
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
        "status: expected a state that queued can reach, got cancelled"
    )


def test_check_history_reads_snapshots_lazily() -> None:
    """It yields its first findings even from an endless stream."""

    def endless() -> Iterator[JobStatus]:
        yield CANCELLED
        while True:
            yield COMPLETED
            yield CANCELLED

    findings = check_history(endless())
    assert [next(findings).index for _ in range(3)] == [1, 2, 3]


def test_check_history_keeps_one_snapshot_of_each_job() -> None:
    """Memory does not grow with the number of snapshots."""
    updates = (
        JobStatus(f"job-{number % 10}", "processing", progress=number / 100)
        for number in range(10_000)
    )
    tracemalloc.start()
    assert list(check_history(updates)) == []
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100_000


def test_an_audit_takes_snapshots_one_at_a_time() -> None:
    """It keeps the last snapshot of each job, and findings have the given line."""
    audit = Audit()
    assert audit.add(CANCELLED, line=3) == []
    (finding,) = audit.add(COMPLETED, line=7)
    assert (finding.index, finding.line, finding.code) == (1, 7, "outcome_replaced")
    assert audit.jobs == {"job-42": COMPLETED}
    assert repr(audit) == f"Audit(lifecycle={audit.lifecycle!r}, gaps=True)"


def test_the_state_of_an_audit_cannot_be_changed_from_outside() -> None:
    """Its jobs and options are read-only, and no two audits are equal."""
    audit = Audit()
    with pytest.raises(TypeError):
        audit.jobs["a"] = QUEUED  # type: ignore[index]  # pyright: ignore[reportIndexIssue]
    with pytest.raises(attrs.exceptions.FrozenAttributeError):
        audit.gaps = False
    with pytest.raises(attrs.exceptions.FrozenAttributeError):
        audit.lifecycle = RETRYING
    assert audit != Audit()


def test_the_options_of_an_audit_are_keyword_only() -> None:
    """They match those of `check_history`, and internal state is not an option."""
    make: Any = Audit
    with pytest.raises(TypeError):
        make(RETRYING)
    for known in ("rules", "last", "count"):
        with pytest.raises(TypeError):
            make(**{known: None})


def test_an_audit_can_be_pickled_and_resumed() -> None:
    """The pickle holds its options and everything that it remembers."""
    audit = Audit(lifecycle=RETRYING, gaps=False)
    audit.add(CANCELLED)
    resumed = pickle.loads(pickle.dumps(audit))
    assert resumed.add(COMPLETED) == audit.add(COMPLETED) != []


def test_a_finding_can_be_copied_and_pickled() -> None:
    """Findings can therefore be sent to another process."""
    (finding,) = check_history([CANCELLED, COMPLETED])
    assert finding == pickle.loads(pickle.dumps(finding)) == copy.deepcopy(finding)


def test_a_hostile_id_cannot_forge_a_log_line() -> None:
    """The text escapes and truncates the id, but the attribute keeps it unchanged."""
    hostile = "a\nerror" + "x" * 1000
    (finding,) = check_history([JobStatus(hostile, "failed")])
    assert finding.job_id == hostile
    assert "\n" not in str(finding)
    assert len(str(finding)) < 200


def test_every_code_has_a_severity() -> None:
    """The table lists each code once, and uses each severity."""
    assert list(SEVERITIES) == list(get_args(FindingCode))
    assert set(SEVERITIES.values()) == set(get_args(Severity))


@pytest.mark.parametrize("wrong", ["standard", None])
def test_an_invalid_lifecycle_is_rejected_at_once(wrong: Any) -> None:
    """The call itself raises, before it reads any snapshot."""
    with pytest.raises(InvalidValueError) as error:
        check_history([], lifecycle=wrong)
    assert error.value.code == "invalid_option"
    assert str(error.value) == f"lifecycle: expected a Lifecycle, got {wrong!r}"


@pytest.mark.parametrize("wrong", [{"id": "a", "status": "queued"}, None])
def test_anything_but_a_job_raises_type_error(wrong: Any) -> None:
    """This holds in a history and in a merge, at any position."""
    with pytest.raises(TypeError, match="expected a JobStatus, got "):
        found(wrong)
    with pytest.raises(TypeError, match="expected a JobStatus, got "):
        merge(wrong)
    with pytest.raises(TypeError, match="expected a JobStatus, got "):
        merge(QUEUED, wrong)


def test_merge_prefers_the_later_state() -> None:
    """Progress matters only within one state."""
    assert merge(RUNNING, QUEUED) is RUNNING
    assert merge(QUEUED.update(progress=90), RUNNING) is RUNNING
    assert merge(QUEUED, RUNNING, CANCELLED, RUNNING) is CANCELLED


def test_merge_then_prefers_the_greater_progress() -> None:
    """Absent progress is the lowest."""
    absent = RUNNING.update(progress=None)
    assert merge(absent, RUNNING.update(progress=0)).progress == 0
    assert merge(RUNNING, RUNNING.update(progress=41), absent).progress == 41


def test_merge_then_prefers_the_later_estimate_and_the_greater_text() -> None:
    """The result is the same for any order of the arguments."""
    early, late = (
        attrs.evolve(FAILED, estimated_completion=LATE.replace(hour=hour), error=error)
        for hour, error in ((12, "z"), (13, "a"))
    )
    assert merge(early, late, FAILED) is late
    greater = attrs.evolve(late, error="b")
    assert merge(late, greater) is merge(greater, late) is greater


def test_a_finding_becomes_a_payload_with_camel_case_keys() -> None:
    """It has the severity and the id, which `attrs.asdict` leaves out."""
    audit = Audit()
    audit.add(CANCELLED, line=1)
    (finding,) = audit.add(QUEUED, line=2)
    assert finding.to_payload() == {
        "severity": "error",
        "code": "outcome_left",
        "jobId": "job-42",
        "message": "status: cannot go from cancelled to queued, because cancelled is terminal",
        "index": 1,
        "line": 2,
        "before": CANCELLED.to_payload(),
        "after": QUEUED.to_payload(),
    }


def test_the_payload_of_a_finding_has_no_key_for_an_absent_value() -> None:
    """As in the payload of a job, the key is left out; its value is not null."""
    (finding,) = check_history([JobStatus("job-42", "failed")])
    assert {"line", "before"}.isdisjoint(finding.to_payload())


def test_merge_of_one_snapshot_returns_it() -> None:
    """`merge` needs at least one argument."""
    assert merge(QUEUED) is QUEUED
    with pytest.raises(TypeError):
        merge()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


@pytest.mark.parametrize("other", [COMPLETED, FAILED])
def test_merge_rejects_different_outcomes(other: JobStatus) -> None:
    """The error has both snapshots, in the order of the arguments."""
    for first, second in ((CANCELLED, other), (other, CANCELLED)):
        with pytest.raises(ConflictingOutcomesError) as conflict:
            merge(QUEUED, first, RUNNING, second)
        assert conflict.value.snapshots == (first, second)


def test_merge_rejects_snapshots_of_different_jobs() -> None:
    """The message names both jobs."""
    with pytest.raises(InvalidValueError) as error:
        merge(QUEUED, JobStatus.queued("job-43"))
    assert error.value.code == "mixed_jobs"
    assert str(error.value) == "id: expected snapshots of one job, got 'job-42' and 'job-43'"
