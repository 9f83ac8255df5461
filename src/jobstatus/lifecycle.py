"""THE table: which state may follow which, and why.

Rules:

1.  A job begins in the state `Lifecycle.initial`.
2.  It moves along the arcs of `Lifecycle.table` and no others. Every state has a row; a terminal
    state has an empty one.
3.  A producer takes single arcs (`Lifecycle.allows`). Somebody who polls sees the job now and then,
    so sees any number of arcs taken at once, or none (`Lifecycle.reaches`).

Everything else here is derived from the table. What a step does to the fields is another table, in
`_effects.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias, cast, final

import attrs

from jobstatus._foreign import excerpt
from jobstatus._states import JobState, StateName, parse_state
from jobstatus.errors import InvalidValueError

__all__ = ["RETRYING", "STANDARD", "Lifecycle", "Row", "Table"]

Row: TypeAlias = Mapping[JobState, str]
"""The states that may follow a state, and why."""

Table: TypeAlias = (
    Mapping[JobState, Iterable[JobState]] | Mapping[StateName, Iterable[JobState | StateName]]
)
"""What a `Lifecycle` is made of."""

_STANDARD_ARCS: Final[Mapping[JobState, Row]] = {
    JobState.QUEUED: {
        JobState.PROCESSING: "a worker takes it",
        JobState.FAILED: "it expired or was refused before it ran",
        JobState.CANCELLED: "nobody wants it any more",
    },
    JobState.PROCESSING: {
        JobState.COMPLETED: "the work is done",
        JobState.FAILED: "the work went wrong",
        JobState.CANCELLED: "it was stopped while it ran",
    },
    JobState.COMPLETED: {},
    JobState.FAILED: {},
    JobState.CANCELLED: {},
}

_RETRYING_ARCS: Final[Mapping[JobState, Row]] = {
    **_STANDARD_ARCS,
    JobState.PROCESSING: {
        **_STANDARD_ARCS[JobState.PROCESSING],
        JobState.QUEUED: "its worker was lost, or gave it back",
    },
    JobState.FAILED: {
        JobState.QUEUED: "it is to be tried again",
        JobState.PROCESSING: "a worker tries it again at once",
    },
}


def _arcs(table: Mapping[JobState, Row]) -> frozenset[tuple[JobState, JobState]]:
    return frozenset((source, target) for source, row in table.items() for target in row)


@final
@attrs.frozen(init=False, getstate_setstate=False)
class Lifecycle:
    """Which state may follow which. A frozen, hashable, picklable value.

    Args:
        table: For each of the five states, the states that may follow it; none for a terminal
            state. A row may be any iterable of states or of their strings; a mapping gives the
            reason for each arc as its value.
        initial: The state in which a job begins.

    Attributes:
        table: For each state, the states that may follow it and why; read-only. Two lifecycles
            with the same arcs are equal, whatever their reasons.
        initial: The state in which a job begins.

    Raises:
        InvalidValueError: With the code ``invalid_lifecycle`` if a row is missing, is not an
            iterable or names something that is not a state, or if no terminal state can be reached
            from the initial one.

    Example:
        >>> fire_and_forget = Lifecycle(
        ...     {
        ...         "queued": ["completed", "failed"],
        ...         "processing": [],
        ...         "completed": [],
        ...         "failed": [],
        ...         "cancelled": [],
        ...     }
        ... )
        >>> fire_and_forget.allows("queued", "completed")
        True
    """

    table: Mapping[JobState, Row] = attrs.field(eq=_arcs)
    initial: JobState
    _closure: Mapping[JobState, frozenset[JobState]] = attrs.field(init=False, eq=False, repr=False)

    def __init__(self, table: Table, initial: JobState | StateName = JobState.QUEUED) -> None:
        if hasattr(self, "table"):
            # A second call, on a value that others may hold.
            raise attrs.exceptions.FrozenInstanceError
        rows = _parse_table(table)
        start = _parse_name(initial)
        closure = {state: _reached(state, rows) for state in rows}
        if all(rows[state] for state in closure[start]):
            raise _invalid(f"expected a terminal state that {start} can reach, got none")
        object.__setattr__(self, "table", rows)
        object.__setattr__(self, "initial", start)
        object.__setattr__(self, "_closure", closure)

    def __reduce__(self) -> tuple[object, ...]:
        # A mappingproxy does not pickle.
        return Lifecycle, ({state: dict(row) for state, row in self.table.items()}, self.initial)

    def allows(self, source: JobState | StateName, target: JobState | StateName) -> bool:
        """Tell whether a producer may take a job from one state to another in one step.

        Raises:
            InvalidValueError: If an argument is not a state.

        Example:
            >>> STANDARD.allows("queued", "completed")
            False
        """
        return parse_state(target) in self.table[parse_state(source)]

    def reaches(self, source: JobState | StateName, target: JobState | StateName) -> bool:
        """Tell whether somebody who polls may see one state after another.

        This is the reflexive and transitive closure of `allows`.

        Raises:
            InvalidValueError: If an argument is not a state.

        Example:
            >>> STANDARD.reaches("queued", "completed")
            True
            >>> STANDARD.reaches("completed", "queued")
            False
        """
        return parse_state(target) in self._closure[parse_state(source)]

    def targets(self, state: JobState | StateName) -> frozenset[JobState]:
        """Return the states that may follow a state.

        Raises:
            InvalidValueError: If the argument is not a state.

        Example:
            >>> [str(state) for state in sorted(STANDARD.targets("processing"))]
            ['cancelled', 'completed', 'failed']
        """
        return frozenset(self.table[parse_state(state)])

    def sources(self, state: JobState | StateName) -> frozenset[JobState]:
        """Return the states that a state may follow; what a guarded ``UPDATE`` compares with.

        Raises:
            InvalidValueError: If the argument is not a state.

        Example:
            >>> [str(state) for state in sorted(STANDARD.sources("cancelled"))]
            ['processing', 'queued']
        """
        target = parse_state(state)
        return frozenset(source for source, row in self.table.items() if target in row)

    @property
    def terminal(self) -> frozenset[JobState]:
        """The states that nothing follows.

        Example:
            >>> [str(state) for state in sorted(RETRYING.terminal)]
            ['cancelled', 'completed']
        """
        return frozenset(state for state, row in self.table.items() if not row)

    def to_mermaid(self) -> str:
        """Return the diagram in Mermaid's ``stateDiagram-v2`` notation, an arc a line.

        Example:
            >>> print(STANDARD.to_mermaid().splitlines()[2])
                queued --> processing: a worker takes it
        """
        lines = ["stateDiagram-v2", f"    [*] --> {self.initial}"]
        for source, row in self.table.items():
            for target, reason in row.items():
                lines.append(f"    {source} --> {target}" + (f": {reason}" if reason else ""))
        lines += [f"    {state} --> [*]" for state, row in self.table.items() if not row]
        return "\n".join(lines) + "\n"


def _parse_table(table: object) -> Mapping[JobState, Row]:
    if not isinstance(table, Mapping):
        raise _invalid(f"expected a mapping of states to states, got {excerpt(table)}")
    given = cast("Mapping[object, object]", table)
    rows = {_parse_name(state): _parse_row(row) for state, row in given.items()}
    missing = [state for state in JobState if state not in rows]
    if missing:
        raise _invalid(f"expected a row for every state, got none for {', '.join(missing)}")
    # In the order of the enum, so that what is derived does not depend on how the table was typed.
    return MappingProxyType({state: rows[state] for state in JobState})


def _parse_row(row: object) -> Row:
    if isinstance(row, str) or not isinstance(row, Iterable):
        raise _invalid(f"expected an iterable of states for a row, got {excerpt(row)}")
    reasons = cast("Mapping[object, object]", row if isinstance(row, Mapping) else {})
    names = cast("Iterable[object]", row)
    arcs = {_parse_name(name): str(reasons.get(name) or "") for name in names}
    return MappingProxyType({state: arcs[state] for state in JobState if state in arcs})


def _parse_name(value: object) -> JobState:
    try:
        return parse_state(value)
    except InvalidValueError as error:
        raise _invalid(error.message) from None


def _reached(state: JobState, rows: Mapping[JobState, Row]) -> frozenset[JobState]:
    reached, new = frozenset[JobState](), frozenset({state})
    while new:
        reached |= new
        new = frozenset(target for known in new for target in rows[known]) - reached
    return reached


def _invalid(message: str) -> InvalidValueError:
    return InvalidValueError("invalid_lifecycle", f"lifecycle: {message}")


STANDARD: Final = Lifecycle(_STANDARD_ARCS)
"""The interface's own lifecycle, in which an outcome is final. The wire carries no attempt number,
so a retry under the same id could not be told from a late duplicate."""

RETRYING: Final = Lifecycle(_RETRYING_ARCS)
"""`STANDARD` for queues that retry under the same id, as BullMQ, RQ and Celery do. A failed job may
be queued or processed again, and a processing one may be queued again."""
