"""Laws of lifecycles, and JobStatus as a state machine against a model."""

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
from jobstatus.validators import parse_text
from tests.laws.values import lifecycles, moments, progresses, tables, texts


@given(lifecycles())
def test_reaches_is_the_closure_of_allows(lifecycle: Lifecycle) -> None:
    """Reaching is being the same, or being allowed to enter something that reaches."""
    for source, target in product(JobState, JobState):
        by_steps = any(lifecycle.reaches(after, target) for after in lifecycle.targets(source))
        assert lifecycle.reaches(source, target) is (source is target or by_steps)
    assert any(lifecycle.reaches(lifecycle.initial, state) for state in lifecycle.terminal)


@given(tables)
def test_everything_is_derived_from_the_table(
    table: dict[JobState, frozenset[JobState]],
) -> None:
    """Rows, sources, terminal states and the diagram say the same."""
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
    """Takes any step at any time; a model written by hand says what must come of it."""

    lifecycle = STANDARD
    arcs = frozenset(
        {"queued processing", "queued failed", "queued cancelled"}
        | {"processing completed", "processing failed", "processing cancelled"}
    )
    job: JobStatus
    model: dict[str, Any]

    @initialize(id=texts, estimate=st.none() | moments)
    def create(self, id: str, estimate: Any) -> None:
        """A job begins queued."""
        self.job = JobStatus.queued(id, estimated_completion=estimate)
        self.model = {"status": "queued", "progress": None, "error": None, "estimate": estimate}

    def step(self, target: str, **fields: Any) -> None:
        """Take a step, and expect it to be refused if the model does."""
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
        """Queue it again."""
        self.step("queued")

    @rule(fields=st.fixed_dictionaries({}, optional={"progress": progresses}))
    def start(self, fields: dict[str, Any]) -> None:
        """Start it."""
        self.step("processing", **fields)

    @rule()
    def complete(self) -> None:
        """Complete it."""
        self.step("completed")

    @rule(error=texts)
    def fail(self, error: str) -> None:
        """Fail it."""
        self.step("failed", error=error)

    @rule(fields=st.fixed_dictionaries({}, optional={"error": texts}))
    def cancel(self, fields: dict[str, Any]) -> None:
        """Cancel it."""
        self.step("cancelled", **fields)

    @rule(progress=progresses, estimate=st.none() | moments)
    def update(self, progress: float, estimate: Any) -> None:
        """Update it."""
        try:
            self.job = self.job.update(progress=progress, estimated_completion=estimate)
        except IllegalTransitionError:
            assert self.model["status"] in {"completed", "failed", "cancelled"}
        else:
            assert self.model["status"] in {"queued", "processing"}
            self.model |= {"progress": progress, "estimate": estimate}

    @invariant()
    def job_is_as_the_model_says(self) -> None:
        """The job holds what the model holds, and no outcome holds an estimate."""
        job, model = self.job, self.model
        error = None if model["error"] is None else parse_text(model["error"])
        estimate = None if model["estimate"] is None else normalize_date(model["estimate"])
        assert (job.status, job.progress, job.error) == (model["status"], model["progress"], error)
        assert job.estimated_completion == estimate
        assert self.job == JobStatus.from_json(self.job.to_json())


class RetryingMachine(Machine):
    """The same for the retrying lifecycle."""

    lifecycle = RETRYING
    arcs = Machine.arcs | {"processing queued", "failed queued", "failed processing"}


@pytest.mark.parametrize("machine", [Machine, RetryingMachine])
def test_jobs_move_as_the_model_does(machine: type[Machine]) -> None:
    """Whatever steps are taken in whatever order, the job is where the table says."""
    # Each example is a run of up to fifty steps.
    fewer = settings(max_examples=settings().max_examples // 3)
    run_state_machine_as_test(machine, settings=fewer)
