"""The lifecycle is the table of the design."""

from __future__ import annotations

import copy
import pickle
from itertools import product
from typing import Any

import attrs
import pytest

from jobstatus import RETRYING, STANDARD, InvalidValueError, JobState, Lifecycle

Q, P, C, F, X = JobState
STANDARD_ARCS = {(Q, P), (Q, F), (Q, X), (P, C), (P, F), (P, X)}
RETRYING_ARCS = STANDARD_ARCS | {(F, Q), (F, P), (P, Q)}
OUTCOMES: dict[str, list[str]] = {"completed": [], "failed": [], "cancelled": []}
MINIMAL: dict[Any, Any] = {"queued": ["completed"], "processing": []} | OUTCOMES


def arcs(lifecycle: Lifecycle) -> set[tuple[JobState, JobState]]:
    """Return the arcs that a lifecycle allows."""
    return {pair for pair in product(JobState, JobState) if lifecycle.allows(*pair)}


def test_standard_has_these_arcs() -> None:
    """An outcome is final."""
    assert arcs(STANDARD) == STANDARD_ARCS
    assert STANDARD.terminal == {C, F, X}
    assert STANDARD.initial is Q


def test_retrying_adds_three_arcs() -> None:
    """A failed job may be tried again, and a worker may give a job back."""
    assert arcs(RETRYING) == RETRYING_ARCS
    assert RETRYING.terminal == {C, X}


def test_a_poller_may_miss_states() -> None:
    """Queued, then completed, is not a step but may be seen; nothing is seen after an outcome."""
    assert not STANDARD.allows("queued", "completed")
    assert STANDARD.reaches("queued", "completed")
    assert STANDARD.reaches("completed", "completed")
    assert not STANDARD.reaches("completed", "failed")
    assert not STANDARD.reaches("processing", "queued")


def test_retrying_reaches_everything_from_a_failure() -> None:
    """A failed job can end in any way."""
    assert all(RETRYING.reaches("failed", state) for state in JobState)


def test_targets_and_sources_are_the_rows_and_columns() -> None:
    """They answer with states, for states or their strings."""
    assert STANDARD.targets("queued") == STANDARD.targets(Q) == {P, F, X}
    assert STANDARD.sources("cancelled") == STANDARD.sources(X) == {Q, P}
    assert STANDARD.sources("queued") == frozenset()


def test_the_table_is_total_and_read_only() -> None:
    """Each state has a row, an outcome an empty one, and no row can be changed."""
    assert list(STANDARD.table) == list(JobState)
    assert STANDARD.table[C] == {}
    assert STANDARD.table[Q][P] == "a worker takes it"
    table: Any = STANDARD.table
    for row in (table, table[Q]):
        with pytest.raises(TypeError):
            row[C] = {}


def test_a_lifecycle_is_a_frozen_value() -> None:
    """It compares by its arcs and initial state, hashes, copies and pickles, and never changes."""
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


def test_the_repr_shows_what_a_lifecycle_is_made_of() -> None:
    """And nothing that is derived from it."""
    assert repr(STANDARD) == f"Lifecycle(table={STANDARD.table!r}, initial={Q!r})"


def test_a_users_table_may_be_of_members_strings_or_reasons() -> None:
    """Rows are any iterables; a mapping gives reasons, which the diagram shows."""
    table: dict[Any, Any] = MINIMAL | {Q: iter([C, "failed"]), "processing": {X: "stopped"}}
    lifecycle = Lifecycle(table, initial="queued")
    assert arcs(lifecycle) == {(Q, C), (Q, F), (P, X)}
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


NO_LIFECYCLES: list[tuple[Any, Any, str]] = [
    (5, "queued", "expected a mapping of states to states, got 5"),
    ({}, "queued", "expected a row for every state, got none for queued, processing, comp"),
    (OUTCOMES, "queued", "expected a row for every state, got none for queued, processing"),
    (MINIMAL | {"done": []}, "queued", "expected queued, processing, completed, failed, canc"),
    (MINIMAL | {"queued": ["done"]}, "queued", "expected queued, processing, completed, fail"),
    (MINIMAL | {"queued": "failed"}, "queued", "expected an iterable of states for a row, "),
    (MINIMAL | {"queued": 5}, "queued", "expected an iterable of states for a row, got 5"),
    (MINIMAL | {"queued": [1]}, "queued", "expected a string, got 1"),
    (MINIMAL, "done", "expected queued, processing, completed, failed, cancelled, got 'done'"),
    (
        MINIMAL | {"queued": ["processing"], "processing": ["queued"]},
        "queued",
        "expected a terminal state that queued can reach, got none",
    ),
]


@pytest.mark.parametrize(("table", "initial", "message"), NO_LIFECYCLES)
def test_a_table_that_is_no_lifecycle_is_refused(table: Any, initial: Any, message: str) -> None:
    """A row missing, a name unknown, or no way to end: each is said."""
    with pytest.raises(InvalidValueError) as refused:
        Lifecycle(table, initial=initial)
    assert refused.value.code == "invalid_lifecycle"
    assert str(refused.value).startswith(f"lifecycle: {message}")


def test_the_order_of_a_users_table_does_not_matter() -> None:
    """The diagram is drawn in the interface's order."""
    rows = [(source, dict(list(row.items())[::-1])) for source, row in STANDARD.table.items()]
    twin = Lifecycle(dict(rows[::-1]))
    assert twin.to_mermaid() == STANDARD.to_mermaid()


def test_a_reason_may_be_missing() -> None:
    """None is no reason."""
    table: Any = MINIMAL | {"queued": {"completed": None}}
    assert "None" not in Lifecycle(table).to_mermaid()


def test_an_island_may_have_no_end() -> None:
    """What the initial state cannot reach is not looked at."""
    table: Any = MINIMAL | {"processing": ["processing"]}
    assert Lifecycle(table).terminal == {C, F, X}


def test_a_question_about_no_state_is_refused() -> None:
    """An unknown name has the code of an unknown state."""
    lifecycle: Any = STANDARD
    for ask in (lifecycle.targets, lifecycle.sources):
        with pytest.raises(InvalidValueError) as refused:
            ask("done")
        assert refused.value.code == "unknown_state"
    for ask in (lifecycle.allows, lifecycle.reaches):
        with pytest.raises(InvalidValueError):
            ask("queued", "done")
        with pytest.raises(InvalidValueError):
            ask("done", "queued")
