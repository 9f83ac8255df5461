"""The machine passes a system that keeps the lifecycle, and catches each way to break it."""

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
    """A store as it should be, in memory: compare and set."""

    def __init__(self) -> None:
        super().__init__()
        self.jobs: dict[str, JobStatus] = {}

    def create(self, job: JobStatus) -> bool:
        """Take a job that is new."""
        return self.jobs.setdefault(job.id, job) is job

    def apply(self, before: JobStatus, after: JobStatus) -> bool:
        """Take a legal move of the job as it is."""
        if self.jobs[after.id] != before or not self.allows(before, after):
            return False
        self.jobs[after.id] = after
        return True

    def read(self, id: str) -> JobStatus:
        """Give a job as it is."""
        return self.jobs[id]


class Retrying(Store):
    """A store of jobs that may be tried again."""

    lifecycle = RETRYING


class Merging(Retrying):
    """Takes a step by its name, from whatever the job is now, and keeps the fields it has."""

    def apply(self, before: JobStatus, after: JobStatus) -> bool:
        """Take the step, or the update, if it is legal now."""
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
    """Takes any snapshot that is legal after the one that is there, whoever looked when."""

    def apply(self, before: JobStatus, after: JobStatus) -> bool:
        """Take what is legal now."""
        if not self.allows(self.jobs[before.id], after):
            return False
        self.jobs[after.id] = after
        return True


class Idempotent(Store):
    """Says yes to what is there already."""

    def apply(self, before: JobStatus, after: JobStatus) -> bool:
        """Take it, or have it."""
        return self.jobs[after.id] == after or super().apply(before, after)


class Monotonic(Store):
    """A store with a rule of its own: progress never falls."""

    def allows(self, before: JobStatus, after: JobStatus) -> bool:
        """Refuse an update that goes back."""
        is_update = before.status is after.status
        falls = (after.progress or 0) < (before.progress or 0)
        return super().allows(before, after) and not (is_update and falls)


@pytest.mark.parametrize(
    "machine", [Store, Merging, LastWriteWins, Retrying, Idempotent, Monotonic]
)
def test_a_system_that_keeps_the_lifecycle_passes(machine: type[Store]) -> None:
    """In each way to do so."""
    run_state_machine_as_test(machine, settings=settings(max_examples=25))


class Overwrites(Store):
    """Takes whatever the caller thought legal."""

    def apply(self, before: JobStatus, after: JobStatus) -> bool:
        """Look at what the caller saw."""
        if legal := self.allows(before, after):
            self.jobs[after.id] = after
        return legal


class TakesAll(Store):
    """Takes whatever comes."""

    def apply(self, before: JobStatus, after: JobStatus) -> bool:
        """Look at nothing."""
        self.jobs[before.id] = after
        return True


class LosesUpdates(Store):
    """Says that it took an update, and did not."""

    def apply(self, before: JobStatus, after: JobStatus) -> bool:
        """Keep the status alone."""
        return before.status is after.status or super().apply(before, after)


class LosesFields(Store):
    """Keeps a job without its error."""

    def read(self, id: str) -> JobStatus:
        """Give a job without it."""
        return attrs.evolve(self.jobs[id], error=None)


class RoundsDates(Store):
    """Keeps whole seconds, as a column of a database may."""

    dates = st.none() | st.just(datetime(2026, 11, 24, 7, 2, 50, 123_000, tzinfo=UTC))

    def read(self, id: str) -> JobStatus:
        """Give a job with its date cut."""
        job = self.jobs[id]
        if (date := job.estimated_completion) is None:
            return job
        return attrs.evolve(job, estimated_completion=date.replace(microsecond=0))


class RefusesAll(Store):
    """Takes no step."""

    def apply(self, before: JobStatus, after: JobStatus) -> bool:
        """Refuse."""
        return False


class RefusesQueueing(Retrying):
    """Takes no job back."""

    def apply(self, before: JobStatus, after: JobStatus) -> bool:
        """Take what does not begin again."""
        begins = after.status is JobState.QUEUED and before.status is not JobState.QUEUED
        return not begins and super().apply(before, after)


class ChangesAndRefuses(Store):
    """Says no, and has done it."""

    def apply(self, before: JobStatus, after: JobStatus) -> bool:
        """Take it, and say what a store as it should be says."""
        taken = super().apply(before, after)
        self.jobs[after.id] = after
        return taken


class TouchesAll(Store):
    """Cancels one job, and all the others with it."""

    def apply(self, before: JobStatus, after: JobStatus) -> bool:
        """Forget for which job this is."""
        taken = super().apply(before, after)
        if taken and after.status is JobState.CANCELLED:
            self.jobs = {name: attrs.evolve(after, id=name) for name in self.jobs}
        return taken


class CreatesAgain(Store):
    """Puts a new job where one is."""

    def create(self, job: JobStatus) -> bool:
        """Take any."""
        self.jobs[job.id] = job
        return True


class CreatesNone(Store):
    """Takes no job."""

    def create(self, job: JobStatus) -> bool:
        """Refuse."""
        return False


def message(machine: type[Store]) -> str:
    """Return with what a machine fails."""
    with pytest.raises(AssertionError) as failed:
        run_state_machine_as_test(machine, settings=FINDING)
    return str(failed.value)


@pytest.mark.parametrize(
    ("machine", "complaints"),
    [
        (Overwrites, {"accepted an illegal move"}),
        (TakesAll, {"accepted an illegal move"}),
        (LosesUpdates, {"did not keep a move that it accepted", "accepted an illegal move"}),
        (LosesFields, {"did not keep a move that it accepted"}),
        (RoundsDates, {"did not keep a job as it was created"}),
        (RefusesAll, {"refused a legal move"}),
        (ChangesAndRefuses, {"changed a job that was to stay as it was"}),
        (TouchesAll, {"changed a job that was to stay as it was"}),
        (CreatesAgain, {"created a job over one that was there"}),
        (CreatesNone, {"refused to create a new job"}),
    ],
)
def test_a_system_that_breaks_it_is_caught(machine: type[Store], complaints: set[str]) -> None:
    """With what it did in the first line."""
    assert message(machine).splitlines()[0] in complaints


def test_the_message_has_the_jobs() -> None:
    """As they were, as they were seen and wanted, and as they are; one a line."""
    lines = message(TakesAll).splitlines()
    assert [line.partition(":")[0].strip() for line in lines[1:]] == [
        "was",
        "seen",
        "wanted",
        "found",
    ]
    assert all("JobStatus(" in line for line in lines[1:])


def test_the_trace_is_a_program() -> None:
    """The calls of the rules, each step by its name."""
    with pytest.raises(AssertionError) as failed:
        run_state_machine_as_test(Overwrites, settings=SHRINKING)
    trace = "\n".join(failed.value.__notes__)
    assert "state = Overwrites()\njobs_0 = state.new_job(job=JobStatus('', 'queued'))\n" in trace
    assert trace.count("state.") <= 5


class Answers(Store):
    """Answers with something else."""

    answers: ClassVar[dict[str, Any]] = {}

    def create(self, job: JobStatus) -> bool:
        """Take a job."""
        answer: bool = self.answers.get("create", super().create(job))
        return answer

    def apply(self, before: JobStatus, after: JobStatus) -> bool:
        """Take a move."""
        answer: bool = self.answers.get("apply", super().apply(before, after))
        return answer


@pytest.mark.parametrize("method", ["create", "apply"])
@pytest.mark.parametrize("answer", [None, 1, JobStatus("a", "queued")])
def test_an_answer_that_is_no_bool_is_an_error(method: str, answer: object) -> None:
    """For None would be taken for a refusal by mistake, and a job for a yes."""
    machine = type("Machine", (Answers,), {"answers": {method: answer}})
    with pytest.raises(TypeError, match=f"expected True or False from {method}, got "):
        run_state_machine_as_test(machine, settings=FINDING)


@pytest.mark.parametrize("method", ["create", "apply", "read"])
def test_a_method_that_is_missing_is_named(method: str) -> None:
    """With the class that wants it."""
    machine = type("Machine", (Store,), {method: getattr(JobStatusMachine, method)})
    with pytest.raises(NotImplementedError, match=rf"^expected Machine\.{method}\b"):
        run_state_machine_as_test(machine, settings=FINDING)


class RetryingButHeldToTheStandard(Store):
    """Keeps the retrying lifecycle."""

    def apply(self, before: JobStatus, after: JobStatus) -> bool:
        """Take a move that the other lifecycle allows."""
        retries = RETRYING.allows(before.status, after.status)
        if legal := self.jobs[after.id] == before and (retries or self.allows(before, after)):
            self.jobs[after.id] = after
        return legal


def test_the_lifecycle_is_the_machines() -> None:
    """A retry is illegal by the standard one."""
    assert message(RetryingButHeldToTheStandard).startswith("accepted an illegal move\n")


def test_the_jobs_are_narrowed() -> None:
    """By what the class says that the system takes."""
    seen: list[JobStatus] = []

    class Narrow(Store):
        """Takes little."""

        ids = st.just("a")
        progress_values = st.just(40)
        dates = st.none()
        error_texts = st.sampled_from([None, "timeout"])

        def read(self, id: str) -> JobStatus:
            """Note what is read."""
            seen.append(super().read(id))
            return seen[-1]

    run_state_machine_as_test(Narrow, settings=settings(max_examples=100))
    assert {job.id for job in seen} == {"a"}
    assert {job.progress for job in seen} == {None, 40, 100}
    assert {job.estimated_completion for job in seen} == {None}
    assert {job.error for job in seen} == {None, "timeout"}
    assert {job.status for job in seen} == set(JobState)


def test_a_rule_can_be_taken_out() -> None:
    """For a system that knows no such step."""
    machine = type("Machine", (RefusesQueueing,), {"queue": None})
    run_state_machine_as_test(machine, settings=settings(max_examples=25))
    assert message(RefusesQueueing).startswith("refused a legal move\n")


def test_a_job_may_begin_in_any_state() -> None:
    """As the lifecycle says."""
    begun: set[JobState] = set()

    class Failing(Store):
        """Begins with what went wrong."""

        lifecycle = Lifecycle(RETRYING.table, initial=JobState.FAILED)

        def create(self, job: JobStatus) -> bool:
            """Note how it began."""
            begun.add(job.status)
            assert job.error is not None
            return super().create(job)

    run_state_machine_as_test(Failing, settings=settings(max_examples=25))
    assert begun == {JobState.FAILED}
