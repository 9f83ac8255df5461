"""The lifecycles have the documented transitions, and users can define their own."""

from __future__ import annotations

import copy
import pickle
from itertools import product
from typing import Any

import attrs
import pytest

from jobstatus import (
    RETRYING,
    STANDARD,
    IllegalTransitionError,
    InvalidJobStatusError,
    InvalidValueError,
    JobState,
    JobStatus,
    Lifecycle,
)
from jobstatus.errors import Fault
from jobstatus.lifecycle import EFFECTS, UPDATABLE, Effect

Q, P, C, F, X = JobState
STANDARD_TRANSITIONS = {(Q, P), (Q, F), (Q, X), (P, C), (P, F), (P, X)}
RETRYING_TRANSITIONS = STANDARD_TRANSITIONS | {(F, Q), (F, P), (P, Q)}
OUTCOMES: dict[str, list[str]] = {"completed": [], "failed": [], "cancelled": []}
MINIMAL: dict[Any, Any] = {"queued": ["completed"], "processing": []} | OUTCOMES


def transitions(lifecycle: Lifecycle) -> set[tuple[JobState, JobState]]:
    """Return the transitions that a lifecycle allows."""
    return {pair for pair in product(JobState, JobState) if lifecycle.allows(*pair)}


def test_the_transitions_of_standard_are_these() -> None:
    """Every outcome is terminal."""
    assert transitions(STANDARD) == STANDARD_TRANSITIONS
    assert STANDARD.terminal == {C, F, X}
    assert STANDARD.initial is Q


def test_retrying_adds_three_transitions() -> None:
    """A failed job may be retried, and a worker may return a job to the queue."""
    assert transitions(RETRYING) == RETRYING_TRANSITIONS
    assert RETRYING.terminal == {C, X}


def test_a_poller_may_miss_states() -> None:
    """Reachable states are accepted even if they are several steps away."""
    assert not STANDARD.allows("queued", "completed")
    assert STANDARD.reaches("queued", "completed")
    assert STANDARD.reaches("completed", "completed")
    assert not STANDARD.reaches("completed", "failed")
    assert not STANDARD.reaches("processing", "queued")


def test_retrying_reaches_every_state_from_failed() -> None:
    """A retried job can end in any way."""
    assert all(RETRYING.reaches("failed", state) for state in JobState)


def test_targets_and_sources_are_rows_and_columns_of_the_table() -> None:
    """They take members or strings, and return members."""
    assert STANDARD.targets("queued") == STANDARD.targets(Q) == {P, F, X}
    assert STANDARD.sources("cancelled") == STANDARD.sources(X) == {Q, P}
    assert STANDARD.sources("queued") == frozenset()


ACTIVE = {(Q, Q), (P, P)}


@pytest.mark.parametrize(
    ("lifecycle", "accepted"),
    [(STANDARD, STANDARD_TRANSITIONS | ACTIVE), (RETRYING, RETRYING_TRANSITIONS | ACTIVE)],
)
def test_a_store_accepts_legal_transitions_and_updates_of_active_jobs(
    lifecycle: Lifecycle, accepted: set[tuple[JobState, JobState]]
) -> None:
    """Other changes are rejected, even updates of a failed job that may be retried."""
    pairs = product(JobState, JobState)
    assert {pair for pair in pairs if lifecycle.accepts(*pair)} == accepted


def test_a_store_accepts_no_update_in_a_terminal_state() -> None:
    """If a lifecycle ends in processing, a job cannot change there."""
    table: Any = MINIMAL | {"queued": ["processing"]}
    lifecycle = Lifecycle(table)
    assert lifecycle.accepts("queued", "queued")
    assert not lifecycle.accepts("processing", "processing")


def test_a_store_accepts_a_step_from_a_state_to_itself() -> None:
    """If the table allows such a step, the state need not be updatable."""
    table: Any = MINIMAL | {"failed": ["failed"]}
    assert Lifecycle(table).accepts("failed", "failed")


def test_accepted_from_returns_the_states_for_a_guarded_update() -> None:
    """The stored job must be in one of them; the argument may be a member or a string."""
    assert STANDARD.accepted_from("processing") == STANDARD.accepted_from(P) == {Q, P}
    assert STANDARD.accepted_from("queued") == {Q}
    assert STANDARD.accepted_from("completed") == {P}
    assert RETRYING.accepted_from("failed") == {Q, P}
    assert Lifecycle(MINIMAL).accepted_from("cancelled") == frozenset()


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ("lost\n    completed --> queued: forged", "lost completed --#62; queued#58; forged"),
        ("lost; completed --> queued", "lost#59; completed --#62; queued"),
        ("100 %% done #1", "100 #37;#37; done #35;1"),
        ("<b>Überfällig</b>", "#60;b#62;Überfällig#60;/b#62;"),
        ("wrong direction TB", "wrong direction#32;TB"),
        ("wrong Direction TB", "wrong direction#32;TB"),
        ("it's (nearly) done, or not?", "it's (nearly) done, or not?"),
    ],
)
def test_a_reason_cannot_add_a_line_to_the_diagram(reason: str, text: str) -> None:
    """Line breaks become spaces, and Mermaid's own characters become entity codes."""
    table: Any = MINIMAL | {"queued": {"failed": reason}}
    assert Lifecycle(table).to_mermaid().splitlines()[2:3] == [f"    queued --> failed: {text}"]
    assert Lifecycle(table).to_mermaid().count("\n") == Lifecycle(MINIMAL).to_mermaid().count("\n")


def test_update_works_in_queued_and_processing_only() -> None:
    """These two states are updatable under any lifecycle."""
    assert {Q, P} == UPDATABLE
    for state in JobState:
        job: JobStatus[Any] = JobStatus("a", state)
        if state in UPDATABLE:
            assert job.update(progress=5) == JobStatus("a", state, progress=5)
        else:
            with pytest.raises(IllegalTransitionError):
                job.update(progress=5)


def test_the_table_is_total_and_read_only() -> None:
    """Every state has a row, the rows of outcomes are empty, and no row can be changed."""
    assert list(STANDARD.table) == list(JobState)
    assert STANDARD.table[C] == {}
    assert STANDARD.table[Q][P] == "a worker takes it"
    table: Any = STANDARD.table
    for row in (table, table[Q]):
        with pytest.raises(TypeError):
            row[C] = {}


def test_a_lifecycle_is_a_frozen_value() -> None:
    """It can be compared, hashed, copied and pickled, but not changed."""
    twin = Lifecycle(STANDARD.table)
    assert twin == STANDARD != RETRYING
    assert hash(twin) == hash(STANDARD)
    assert pickle.loads(pickle.dumps(RETRYING)) == copy.deepcopy(RETRYING) == RETRYING
    assert pickle.loads(pickle.dumps(RETRYING)).to_mermaid() == RETRYING.to_mermaid()
    assert Lifecycle(STANDARD.table, initial="processing") != STANDARD
    frozen: Any = STANDARD
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        frozen.initial = C
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        frozen.__init__(MINIMAL)
    assert not hasattr(frozen, "__setstate__")
    assert attrs.evolve(STANDARD, initial="processing").to_mermaid().count(": the work") == 2


def test_the_repr_shows_the_table_and_the_initial_state() -> None:
    """It omits the attributes that are derived from them."""
    assert repr(STANDARD) == f"Lifecycle(table={STANDARD.table!r}, initial={Q!r})"


def test_a_table_may_have_members_or_strings_and_may_have_reasons() -> None:
    """A row is any iterable of states; a mapping adds reasons, which the diagram shows."""
    table: dict[Any, Any] = MINIMAL | {Q: iter([C, "failed"]), "processing": {X: "stopped"}}
    lifecycle = Lifecycle(table, initial="queued")
    assert transitions(lifecycle) == {(Q, C), (Q, F), (P, X)}
    assert lifecycle.to_mermaid() == (
        "stateDiagram-v2\n"
        "    [*] --> queued\n"
        "    queued --> completed\n"
        "    queued --> failed\n"
        "    processing --> cancelled: stopped\n"
        "    completed --> [*]\n"
        "    failed --> [*]\n"
        "    cancelled --> [*]\n"
    )


INVALID_LIFECYCLES: list[tuple[Any, Any, str]] = [
    (5, "queued", "expected a mapping from each state to the next states, got 5"),
    ({}, "queued", "expected a row for each state, got none for queued, processing, comp"),
    (OUTCOMES, "queued", "expected a row for each state, got none for queued, processing"),
    (MINIMAL | {"done": []}, "queued", "expected queued, processing, completed, failed or ca"),
    (MINIMAL | {"queued": ["done"]}, "queued", "expected queued, processing, completed, fail"),
    (MINIMAL | {"queued": "failed"}, "queued", "expected an iterable of states as a row, "),
    (MINIMAL | {"queued": 5}, "queued", "expected an iterable of states as a row, got 5"),
    (MINIMAL | {"queued": [1]}, "queued", "expected a string, got 1"),
    (MINIMAL, "done", "expected queued, processing, completed, failed or cancelled, got 'done'"),
    (
        MINIMAL | {"queued": ["processing"], "processing": ["queued"]},
        "queued",
        "no terminal state can be reached from queued",
    ),
]


def test_a_lifecycle_takes_only_a_table_and_an_initial_state() -> None:
    """Every other attribute is derived from these two."""
    make: Any = Lifecycle
    for name in ("closure", "_closure"):
        with pytest.raises(TypeError):
            make(STANDARD.table, **{name: {}})


def test_a_step_to_failed_requires_an_error() -> None:
    """A missing error and an error of None are the same problem."""
    job = JobStatus.queued("a")
    for given in (attrs.NOTHING, None):
        with pytest.raises(InvalidJobStatusError) as refused:
            job.transition_to("failed", error=given)
        (problem,) = refused.value.problems
        assert (problem.pointer, problem.code) == ("/error", "missing")
        assert problem.message == "error: is required by this transition"


@pytest.mark.parametrize(("table", "initial", "message"), INVALID_LIFECYCLES)
def test_an_invalid_table_is_rejected(table: Any, initial: Any, message: str) -> None:
    """For example, a row is missing, a name is unknown, or no terminal state can be reached."""
    with pytest.raises(InvalidValueError) as refused:
        Lifecycle(table, initial=initial)
    assert refused.value.code == "invalid_lifecycle"
    assert str(refused.value).startswith(f"lifecycle: {message}")


def test_the_order_of_the_table_does_not_matter() -> None:
    """The diagram always uses the interface's order."""
    rows = [(source, dict(list(row.items())[::-1])) for source, row in STANDARD.table.items()]
    twin = Lifecycle(dict(rows[::-1]))
    assert twin.to_mermaid() == STANDARD.to_mermaid()


def test_a_reason_may_be_missing() -> None:
    """A reason of None means that there is no reason."""
    table: Any = MINIMAL | {"queued": {"completed": None}}
    assert "None" not in Lifecycle(table).to_mermaid()


def test_unreachable_states_need_not_lead_to_an_end() -> None:
    """Only states that a job can reach are checked."""
    table: Any = MINIMAL | {"processing": ["processing"]}
    assert Lifecycle(table).terminal == {C, F, X}


def test_queries_about_an_unknown_state_are_rejected() -> None:
    """The error has the code unknown_state."""
    lifecycle: Any = STANDARD
    for ask in (lifecycle.targets, lifecycle.sources, lifecycle.accepted_from):
        with pytest.raises(InvalidValueError) as refused:
            ask("done")
        assert refused.value.code == "unknown_state"
    for ask in (lifecycle.allows, lifecycle.reaches, lifecycle.accepts):
        with pytest.raises(InvalidValueError):
            ask("queued", "done")
        with pytest.raises(InvalidValueError):
            ask("done", "queued")


def test_every_state_has_an_effect_on_every_optional_field() -> None:
    """The table of effects has no gaps."""
    fields = ["progress", "estimated_completion", "error"]
    assert {state: list(row) for state, row in EFFECTS.items()} == dict.fromkeys(JobState, fields)


@pytest.mark.parametrize(
    ("effect", "bare", "with_value", "with_none"),
    [
        (Effect.KEEP, "old", "not_settable", "not_settable"),
        (Effect.SET, "old", "new", None),
        (Effect.TAKE, None, "new", None),
        (Effect.NEED, "missing", "new", "missing"),
        (Effect.FULL, 100.0, "not_settable", "not_settable"),
        (Effect.CLEAR, None, "not_settable", "not_settable"),
    ],
)
def test_an_effect_determines_the_new_value(
    effect: Effect, bare: object, with_value: object, with_none: object
) -> None:
    """It depends on the value before the step, and on the value that the caller gives."""

    def outcome(given: object) -> object:
        result = effect.apply("old", given, lambda value: value)
        return result[0] if isinstance(result, Fault) else result

    assert (outcome(attrs.NOTHING), outcome("new"), outcome(None)) == (bare, with_value, with_none)
