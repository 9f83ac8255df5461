"""Laws of lifecycles, and a comparison of JobStatus with a model."""

from __future__ import annotations

import pickle
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from jobstatus import (
    RETRYING,
    STANDARD,
    IllegalTransitionError,
    InvalidValueError,
    JobState,
    JobStatus,
    Lifecycle,
)
from jobstatus.dates import normalize_date
from jobstatus.strategies import lifecycles
from jobstatus.validators import parse_text
from tests.support.values import moments, progresses, tables, texts


@given(lifecycles())
def test_reaches_is_the_closure_of_allows(lifecycle: Lifecycle) -> None:
    """A state reaches itself, and every state that its targets reach."""
    for source, target in product(JobState, JobState):
        by_steps = any(lifecycle.reaches(after, target) for after in lifecycle.targets(source))
        assert lifecycle.reaches(source, target) is (source is target or by_steps)
    assert any(lifecycle.reaches(lifecycle.initial, state) for state in lifecycle.terminal)


@given(lifecycles())
def test_accepts_is_true_for_steps_and_updates(lifecycle: Lifecycle) -> None:
    """An update keeps the state, which is queued or processing and not terminal."""
    active = {JobState.QUEUED, JobState.PROCESSING} - lifecycle.terminal
    for source, target in product(JobState, JobState):
        is_update = source is target and source in active
        accepted = is_update or lifecycle.allows(source, target)
        assert lifecycle.accepts(source, target) is accepted


@given(lifecycles())
def test_accepted_from_is_the_inverse_of_accepts(lifecycle: Lifecycle) -> None:
    """A guarded UPDATE and a check in Python give the same answer."""
    for source, target in product(JobState, JobState):
        assert (source in lifecycle.accepted_from(target)) is lifecycle.accepts(source, target)


@given(tables)
def test_every_query_agrees_with_the_table(
    table: dict[JobState, frozenset[JobState]],
) -> None:
    """Sources, terminal states, the diagram and a pickle describe the same transitions."""
    try:
        lifecycle = Lifecycle(table)
    except InvalidValueError:
        return
    arcs = {(source, target) for source, row in table.items() for target in row}
    assert {
        (source, target)
        for source, target in product(JobState, JobState)
        if lifecycle.allows(source, target)
    } == arcs
    assert {(source, target) for target in JobState for source in lifecycle.sources(target)} == arcs
    assert lifecycle.terminal == {state for state, row in table.items() if not row}
    drawn = [line.split() for line in lifecycle.to_mermaid().splitlines() if " --> " in line]
    assert {(line[0], line[2]) for line in drawn if "[*]" not in line} == arcs
    assert pickle.loads(pickle.dumps(lifecycle)) == lifecycle


class Machine(RuleBasedStateMachine):
    """Takes any step at any time, and compares the job with a model written by hand."""

    lifecycle = STANDARD
    arcs = frozenset(
        {"queued processing", "queued failed", "queued cancelled"}
        | {"processing completed", "processing failed", "processing cancelled"}
    )
    job: JobStatus
    model: dict[str, Any]

    @initialize(id=texts, estimate=st.none() | moments)
    def create(self, id: str, estimate: Any) -> None:
        """Create a queued job."""
        self.job = JobStatus.queued(id, estimated_completion=estimate)
        self.model = {"status": "queued", "progress": None, "error": None, "estimate": estimate}

    def step(self, target: str, **fields: Any) -> None:
        """Take a step, which must fail if and only if the model does not allow it."""
        before = self.job
        legal = f"{before.status} {target}" in self.arcs
        try:
            self.job = before.transition_to(JobState(target), lifecycle=self.lifecycle, **fields)
        except IllegalTransitionError as error:
            assert not legal
            assert (error.job, error.source, error.target) == (before, before.status, target)
            assert error.allowed == self.lifecycle.targets(before.status)
            return
        assert legal
        self.model["status"] = target
        match target:
            case "queued":
                self.model |= {"progress": None, "error": None, "estimate": None}
            case "processing":
                self.model |= {"error": None} | fields
            case "completed":
                self.model |= {"progress": 100, "error": None, "estimate": None}
            case _:
                self.model |= {"error": fields.get("error"), "estimate": None}

    @rule()
    def queue(self) -> None:
        """Queue the job again."""
        self.step("queued")

    @rule(fields=st.fixed_dictionaries({}, optional={"progress": progresses}))
    def start(self, fields: dict[str, Any]) -> None:
        """Start the job."""
        self.step("processing", **fields)

    @rule()
    def complete(self) -> None:
        """Complete the job."""
        self.step("completed")

    @rule(error=texts)
    def fail(self, error: str) -> None:
        """Fail the job."""
        self.step("failed", error=error)

    @rule(fields=st.fixed_dictionaries({}, optional={"error": texts}))
    def cancel(self, fields: dict[str, Any]) -> None:
        """Cancel the job."""
        self.step("cancelled", **fields)

    @rule(progress=progresses, estimate=st.none() | moments)
    def update(self, progress: float, estimate: Any) -> None:
        """Update the job."""
        try:
            self.job = self.job.update(progress=progress, estimated_completion=estimate)
        except IllegalTransitionError:
            assert self.model["status"] in {"completed", "failed", "cancelled"}
        else:
            assert self.model["status"] in {"queued", "processing"}
            self.model |= {"progress": progress, "estimate": estimate}

    @invariant()
    def job_equals_the_model(self) -> None:
        """Compare all fields with the model, and the job with its own JSON."""
        job, model = self.job, self.model
        error = None if model["error"] is None else parse_text(model["error"])
        estimate = None if model["estimate"] is None else normalize_date(model["estimate"])
        assert (job.status, job.progress, job.error) == (model["status"], model["progress"], error)
        assert job.estimated_completion == estimate
        assert self.job == JobStatus.from_json(self.job.to_json())


class RetryingMachine(Machine):
    """Does the same under the retrying lifecycle."""

    lifecycle = RETRYING
    arcs = Machine.arcs | {"processing queued", "failed queued", "failed processing"}


@pytest.mark.parametrize("machine", [Machine, RetryingMachine])
def test_jobs_agree_with_the_model(machine: type[Machine]) -> None:
    """Any sequence of steps leaves the job and the model in the same state."""
    # Fewer examples, because each one has up to 50 steps.
    fewer = settings(max_examples=settings().max_examples // 3)
    run_state_machine_as_test(machine, settings=fewer)
