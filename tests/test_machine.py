"""JobStatusMachine accepts a system that keeps the lifecycle, and fails for one that breaks it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

import attrs
import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test

from jobstatus import RETRYING, JobState, JobStatus, Lifecycle
from jobstatus.strategies import JobStatusMachine

FINDING = settings(max_examples=500, phases=[Phase.generate], report_multiple_bugs=False)
SHRINKING = settings(FINDING, phases=[Phase.generate, Phase.shrink])


class Store(JobStatusMachine):
    """A correct store in memory that compares and sets."""

    def __init__(self) -> None:
        super().__init__()
        self.jobs: dict[str, JobStatus] = {}

    def create(self, job: JobStatus) -> bool:
        """Create a job if its id is free."""
        return self.jobs.setdefault(job.id, job) is job

    def apply(self, before: JobStatus, after: JobStatus) -> bool:
        """Accept a legal move of the current job."""
        if self.jobs[after.id] != before or not self.allows(before, after):
            return False
        self.jobs[after.id] = after
        return True

    def read(self, id: str) -> JobStatus:
        """Return the current job."""
        return self.jobs[id]


class Retrying(Store):
    """A correct store that allows retries."""

    lifecycle = RETRYING


class Merging(Retrying):
    """A correct store that applies each step to the current job and keeps its fields."""

    def apply(self, before: JobStatus, after: JobStatus) -> bool:
        """Accept a step or an update that is legal now."""
        current = self.jobs[before.id]
        progress, estimate = after.progress, after.estimated_completion
        if not self.allows(current, after):
            return False
        if after.status is current.status:
            taken = current.update(progress=progress, estimated_completion=estimate)
        else:
            fields: dict[str, Any] = {}
            if after.status is JobState.PROCESSING:
                fields = {"progress": progress, "estimated_completion": estimate}
            if after.status in {JobState.FAILED, JobState.CANCELLED}:
                fields = {"error": after.error}
            taken = current.transition_to(after.status, lifecycle=self.lifecycle, **fields)
        self.jobs[after.id] = taken
        return True


class LastWriteWins(Store):
    """A correct store that accepts any legal snapshot, even from stale data."""

    def apply(self, before: JobStatus, after: JobStatus) -> bool:
        """Accept a snapshot that is legal now."""
        if not self.allows(self.jobs[before.id], after):
            return False
        self.jobs[after.id] = after
        return True


class Idempotent(Store):
    """A correct store that accepts the same snapshot again."""

    def apply(self, before: JobStatus, after: JobStatus) -> bool:
        """Accept a legal move, or the stored job."""
        return self.jobs[after.id] == after or super().apply(before, after)


class Monotonic(Store):
    """A correct store with a stricter rule: progress never falls."""

    def allows(self, before: JobStatus, after: JobStatus) -> bool:
        """Reject an update that lowers the progress."""
        is_update = before.status is after.status
        falls = (after.progress or 0) < (before.progress or 0)
        return super().allows(before, after) and not (is_update and falls)


@pytest.mark.parametrize(
    "machine", [Store, Merging, LastWriteWins, Retrying, Idempotent, Monotonic]
)
def test_a_correct_system_passes(machine: type[Store]) -> None:
    """There are several correct ways to handle stale data."""
    run_state_machine_as_test(machine, settings=settings(max_examples=25))


class Overwrites(Store):
    """A broken store that judges moves by the caller's stale data."""

    def apply(self, before: JobStatus, after: JobStatus) -> bool:
        """Judge by the caller's data."""
        if legal := self.allows(before, after):
            self.jobs[after.id] = after
        return legal


class AcceptsAll(Store):
    """A broken store that accepts everything."""

    def apply(self, before: JobStatus, after: JobStatus) -> bool:
        """Accept every move."""
        self.jobs[before.id] = after
        return True


class LosesUpdates(Store):
    """A broken store that accepts updates without storing them."""

    def apply(self, before: JobStatus, after: JobStatus) -> bool:
        """Store steps only."""
        return before.status is after.status or super().apply(before, after)


class LosesFields(Store):
    """A broken store that loses the error."""

    def read(self, id: str) -> JobStatus:
        """Return a job without its error."""
        return attrs.evolve(self.jobs[id], error=None)


class RoundsDates(Store):
    """A broken store that keeps whole seconds, as some database columns do."""

    dates = st.none() | st.just(datetime(2026, 11, 24, 7, 2, 50, 123_000, tzinfo=UTC))

    def read(self, id: str) -> JobStatus:
        """Return a job with its date truncated."""
        job = self.jobs[id]
        if (date := job.estimated_completion) is None:
            return job
        return attrs.evolve(job, estimated_completion=date.replace(microsecond=0))


class RejectsAll(Store):
    """A broken store that rejects every move."""

    def apply(self, before: JobStatus, after: JobStatus) -> bool:
        """Reject the move."""
        return False


class RejectsQueueing(Retrying):
    """A store that never queues a job again."""

    def apply(self, before: JobStatus, after: JobStatus) -> bool:
        """Reject a step back to queued."""
        begins = after.status is JobState.QUEUED and before.status is not JobState.QUEUED
        return not begins and super().apply(before, after)


class ChangesAndRejects(Store):
    """A broken store that stores a move that it rejects."""

    def apply(self, before: JobStatus, after: JobStatus) -> bool:
        """Store the job, and return the answer of a correct store."""
        taken = super().apply(before, after)
        self.jobs[after.id] = after
        return taken


class TouchesAll(Store):
    """A broken store that cancels all jobs at once."""

    def apply(self, before: JobStatus, after: JobStatus) -> bool:
        """Cancel the other jobs too."""
        taken = super().apply(before, after)
        if taken and after.status is JobState.CANCELLED:
            self.jobs = {name: attrs.evolve(after, id=name) for name in self.jobs}
        return taken


class CreatesAgain(Store):
    """A broken store that creates a job over an existing one."""

    def create(self, job: JobStatus) -> bool:
        """Store any job."""
        self.jobs[job.id] = job
        return True


class CreatesNone(Store):
    """A broken store that creates no job."""

    def create(self, job: JobStatus) -> bool:
        """Reject the job."""
        return False


def message(machine: type[Store]) -> str:
    """Return the message of the error with which a machine fails."""
    with pytest.raises(AssertionError) as failed:
        run_state_machine_as_test(machine, settings=FINDING)
    return str(failed.value)


@pytest.mark.parametrize(
    ("machine", "complaints"),
    [
        (Overwrites, {"accepted an illegal move"}),
        (AcceptsAll, {"accepted an illegal move"}),
        (LosesUpdates, {"did not keep a move that it accepted", "accepted an illegal move"}),
        (LosesFields, {"did not keep a move that it accepted"}),
        (RoundsDates, {"did not keep a job as it was created"}),
        (RejectsAll, {"rejected a legal transition"}),
        (ChangesAndRejects, {"changed a job that should not change"}),
        (TouchesAll, {"changed a job that should not change"}),
        (CreatesAgain, {"created a job over one that was there"}),
        (CreatesNone, {"rejected a new job"}),
    ],
)
def test_a_broken_system_fails(machine: type[Store], complaints: set[str]) -> None:
    """The first line of the error names the fault."""
    assert message(machine).splitlines()[0] in complaints


def test_the_message_shows_the_jobs() -> None:
    """One line each: the job before, as the caller saw it, as wanted, and as found."""
    lines = message(AcceptsAll).splitlines()
    assert [line.partition(":")[0].strip() for line in lines[1:]] == [
        "was",
        "seen",
        "wanted",
        "found",
    ]
    assert all("JobStatus(" in line for line in lines[1:])


def test_the_trace_is_executable_code() -> None:
    """It calls one method of the machine per step."""
    with pytest.raises(AssertionError) as failed:
        run_state_machine_as_test(Overwrites, settings=SHRINKING)
    trace = "\n".join(failed.value.__notes__)
    assert "state = Overwrites()\njobs_0 = state.new_job(job=JobStatus('', 'queued'))\n" in trace
    assert trace.count("state.") <= 5


class Answers(Store):
    """A store whose methods may return wrong types."""

    answers: ClassVar[dict[str, Any]] = {}

    def create(self, job: JobStatus) -> bool:
        """Create a job, with another answer."""
        answer: bool = self.answers.get("create", super().create(job))
        return answer

    def apply(self, before: JobStatus, after: JobStatus) -> bool:
        """Apply a move, with another answer."""
        answer: bool = self.answers.get("apply", super().apply(before, after))
        return answer


@pytest.mark.parametrize("method", ["create", "apply"])
@pytest.mark.parametrize("answer", [None, 1, JobStatus("a", "queued")])
def test_returning_anything_but_a_bool_is_an_error(method: str, answer: object) -> None:
    """A forgotten return would count as a rejection, and a job as an acceptance."""
    machine = type("Machine", (Answers,), {"answers": {method: answer}})
    with pytest.raises(TypeError, match=f"{method}: expected True or False, got "):
        run_state_machine_as_test(machine, settings=FINDING)


@pytest.mark.parametrize("method", ["create", "apply", "read"])
def test_the_error_names_a_missing_method(method: str) -> None:
    """It names the class too."""
    machine = type("Machine", (Store,), {method: getattr(JobStatusMachine, method)})
    with pytest.raises(NotImplementedError, match=rf"^Machine must define {method}\(\)"):
        run_state_machine_as_test(machine, settings=FINDING)


class RetryingButHeldToTheStandard(Store):
    """A store that allows retries, in a machine that does not."""

    def apply(self, before: JobStatus, after: JobStatus) -> bool:
        """Accept a retry too."""
        retries = RETRYING.allows(before.status, after.status)
        if legal := self.jobs[after.id] == before and (retries or self.allows(before, after)):
            self.jobs[after.id] = after
        return legal


def test_the_machine_uses_the_lifecycle_of_its_class() -> None:
    """A retry is illegal under the default, STANDARD."""
    assert message(RetryingButHeldToTheStandard).startswith("accepted an illegal move\n")


def test_a_failed_job_may_be_retried_but_not_updated() -> None:
    """Under RETRYING, a system may reject a new error for a failed job, but not a retry."""
    machine, failed = Retrying(), JobStatus("a", "failed", error="timeout")
    assert machine.allows(failed, JobStatus("a", "processing"))
    assert not machine.allows(failed, JobStatus("a", "failed", error="another"))


def test_the_class_attributes_limit_the_fields_of_the_jobs() -> None:
    """They are the strategies of the id and of the optional fields."""
    seen: list[JobStatus] = []

    class Narrow(Store):
        """A store of few different jobs."""

        ids = st.just("a")
        progress_values = st.just(40)
        dates = st.none()
        error_texts = st.sampled_from([None, "timeout"])

        def read(self, id: str) -> JobStatus:
            """Record the job."""
            seen.append(super().read(id))
            return seen[-1]

    run_state_machine_as_test(Narrow, settings=settings(max_examples=100))
    assert {job.id for job in seen} == {"a"}
    assert {job.progress for job in seen} == {None, 40, 100}
    assert {job.estimated_completion for job in seen} == {None}
    assert {job.error for job in seen} == {None, "timeout"}
    assert {job.status for job in seen} == set(JobState)


def test_a_rule_can_be_removed() -> None:
    """A system without that step then passes."""
    machine = type("Machine", (RejectsQueueing,), {"queue": None})
    run_state_machine_as_test(machine, settings=settings(max_examples=25))
    assert message(RejectsQueueing).startswith("rejected a legal transition\n")


def test_a_job_begins_in_the_initial_state_of_the_lifecycle() -> None:
    """The example is a lifecycle whose jobs begin as failed."""
    begun: set[JobState] = set()

    class Failing(Store):
        """A store of jobs that begin as failed."""

        lifecycle = Lifecycle(RETRYING.table, initial=JobState.FAILED)

        def create(self, job: JobStatus) -> bool:
            """Record the initial state."""
            begun.add(job.status)
            assert job.error is not None
            return super().create(job)

    run_state_machine_as_test(Failing, settings=settings(max_examples=25))
    assert begun == {JobState.FAILED}
