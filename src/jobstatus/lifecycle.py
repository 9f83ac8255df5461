"""The table: which state may follow which, and why.

Rules:

1.  A job begins in the state `Lifecycle.initial`.
2.  It changes state only by the transitions in `Lifecycle.table`. Every state has a row; the row of
    a terminal state is empty.
3.  A producer makes one transition at a time (`Lifecycle.allows`). A poller sees the job only now
    and then, so it may see any number of transitions at once, or none (`Lifecycle.reaches`).

`Lifecycle` derives everything else from the table. A second table, `EFFECTS`, defines what
entering a state does to each field.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final, Protocol, TypeAlias, TypeVar, cast, final

import attrs

from jobstatus._states import JobState, StateName
from jobstatus._untrusted import excerpt
from jobstatus.errors import Fault, InvalidValueError
from jobstatus.validators import MAX_PROGRESS, check_state, parse_state

__all__ = ["RETRYING", "STANDARD", "Lifecycle", "Row", "Table"]

Row: TypeAlias = Mapping[JobState, str]
"""The states that may follow a state, and why."""


K_co = TypeVar("K_co", covariant=True)
V_co = TypeVar("V_co", covariant=True)


class SupportsItems(Protocol[K_co, V_co]):
    """A mapping for type checkers, with a covariant key type; that of `Mapping` is invariant.

    So a parameter whose keys are a `JobState` or a string also takes a ``dict[JobState, ...]``.
    """

    def items(self) -> Iterable[tuple[K_co, V_co]]:
        """Return each key with its value."""
        ...


Table: TypeAlias = SupportsItems[JobState | StateName, Iterable[JobState | StateName]]
"""The mapping that `Lifecycle` takes: for each state, the states that may follow it."""

_STANDARD_TABLE: Final[Mapping[JobState, Row]] = {
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

_RETRYING_TABLE: Final[Mapping[JobState, Row]] = {
    **_STANDARD_TABLE,
    JobState.PROCESSING: {
        **_STANDARD_TABLE[JobState.PROCESSING],
        JobState.QUEUED: "its worker was lost, or gave it back",
    },
    JobState.FAILED: {
        JobState.QUEUED: "it is to be tried again",
        JobState.PROCESSING: "a worker tries it again at once",
    },
}

_DIRECTION: Final = re.compile("direction ", re.IGNORECASE)


def _transitions(table: Mapping[JobState, Row]) -> frozenset[tuple[JobState, JobState]]:
    return frozenset((source, target) for source, row in table.items() for target in row)


def _parse_table(table: Table) -> Mapping[JobState, Row]:
    if not isinstance(cast("object", table), Mapping):
        raise _invalid(
            f"expected a mapping from each state to the next states, got {excerpt(table)}"
        )
    given = cast("Mapping[object, object]", table)
    rows = {_parse_name(state): _parse_row(row) for state, row in given.items()}
    missing = [state for state in JobState if state not in rows]
    if missing:
        raise _invalid(f"expected a row for each state, got none for {', '.join(missing)}")
    # In the enum's order, because derived values must not depend on the argument's order.
    return MappingProxyType({state: rows[state] for state in JobState})


def _parse_row(row: object) -> Row:
    if isinstance(row, str) or not isinstance(row, Iterable):
        raise _invalid(f"expected an iterable of states as a row, got {excerpt(row)}")
    reasons = cast("Mapping[object, object]", row if isinstance(row, Mapping) else {})
    names = cast("Iterable[object]", row)
    parsed = {_parse_name(name): str(reasons.get(name) or "") for name in names}
    return MappingProxyType({state: parsed[state] for state in JobState if state in parsed})


def _parse_initial(state: JobState | StateName) -> JobState:
    return _parse_name(state)


def _parse_name(state: object) -> JobState:
    result = check_state(state)
    if isinstance(result, Fault):
        raise _invalid(result[1])
    return result


def _closure_of(lifecycle: Lifecycle) -> Mapping[JobState, frozenset[JobState]]:
    return {state: _reached(state, lifecycle.table) for state in JobState}


def _reached(state: JobState, rows: Mapping[JobState, Row]) -> frozenset[JobState]:
    reached, new = frozenset[JobState](), frozenset({state})
    while new:
        reached |= new
        new = frozenset(target for known in new for target in rows[known]) - reached
    return reached


def _as_mermaid(text: str) -> str:
    line = " ".join(text.split())
    codes = (char if char.isalnum() or char in " .,'()!?/_-" else f"#{ord(char)};" for char in line)
    # In Mermaid's grammar, "direction TB" is a statement anywhere in a line.
    return _DIRECTION.sub("direction#32;", "".join(codes))


def _invalid(message: str) -> InvalidValueError:
    return InvalidValueError("invalid_lifecycle", f"lifecycle: {message}")


@final
@attrs.frozen(getstate_setstate=False)
class Lifecycle:
    """The legal transitions between states. A frozen, hashable, picklable value.

    Args:
        table: For each of the five states, the states that may follow it; none for a terminal
            state. A row may be any iterable of states or of their strings. If it is a mapping, its
            values are the reasons for the transitions.
        initial: The state in which a job begins.

    Attributes:
        table: For each state, the states that may follow it and why; read-only. Equality ignores
            the reasons.
        initial: The state in which a job begins.

    Raises:
        InvalidValueError: With the code ``invalid_lifecycle`` if a row is missing, is not an
            iterable or contains a value that is not a state, or if the initial state cannot reach
            a terminal state.

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

    table: Mapping[JobState, Row] = attrs.field(converter=_parse_table, eq=_transitions)
    initial: JobState = attrs.field(default=JobState.QUEUED, converter=_parse_initial)
    _closure: Mapping[JobState, frozenset[JobState]] = attrs.field(
        default=attrs.Factory(_closure_of, takes_self=True), init=False, eq=False, repr=False
    )

    def __init_subclass__(cls) -> None:
        raise TypeError(
            "Lifecycle is final: a subclass could allow other transitions than its table"
        )

    def __attrs_pre_init__(self) -> None:
        kind: object = type(self)
        if kind is not Lifecycle:  # a mixin swallowed __init_subclass__
            Lifecycle.__init_subclass__()
        if hasattr(self, "table"):  # a second __init__ would change a shared value
            raise attrs.exceptions.FrozenInstanceError

    def __attrs_post_init__(self) -> None:
        if all(self.table[state] for state in self._closure[self.initial]):
            raise _invalid(f"no terminal state can be reached from {self.initial}")

    def __reduce__(self) -> tuple[object, ...]:
        # A mappingproxy cannot be pickled.
        return Lifecycle, ({state: dict(row) for state, row in self.table.items()}, self.initial)

    def allows(self, source: JobState | StateName, target: JobState | StateName) -> bool:
        """Return whether a job may go from one state to another in one transition.

        Raises:
            InvalidValueError: If an argument is not a state.

        Example:
            >>> STANDARD.allows("queued", "completed")
            False
        """
        return parse_state(target) in self.table[parse_state(source)]

    def reaches(self, source: JobState | StateName, target: JobState | StateName) -> bool:
        """Return whether a poller may see the target state after the source state.

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

    def accepts(self, source: JobState | StateName, target: JobState | StateName) -> bool:
        """Return whether a job in the target state may replace a stored job in the source state.

        There are two cases. Either `allows` returns True; or the state stays the same and
        `JobStatus.update` can change the job, which means that the state is queued or processing,
        and is not terminal in this lifecycle. A failed job is never updated, even if a retry may
        follow.

        Raises:
            InvalidValueError: If an argument is not a state.

        Example:
            >>> STANDARD.accepts("processing", "processing")
            True
            >>> RETRYING.accepts("failed", "processing")
            True
            >>> RETRYING.accepts("failed", "failed")
            False
        """
        before, after = parse_state(source), parse_state(target)
        is_update = before is after and before in UPDATABLE - self.terminal
        return is_update or after in self.table[before]

    def accepted_from(self, state: JobState | StateName) -> frozenset[JobState]:
        """Return the states in which a stored job may be replaced by a job in a given state.

        Use them in a guarded ``UPDATE ... WHERE status IN (...)``. The set is empty if a job in
        the given state may not replace any job.

        Raises:
            InvalidValueError: If the argument is not a state.

        Example:
            >>> [str(state) for state in sorted(STANDARD.accepted_from("processing"))]
            ['processing', 'queued']
            >>> [str(state) for state in sorted(STANDARD.accepted_from("completed"))]
            ['processing']
        """
        target = parse_state(state)
        return frozenset(source for source in JobState if self.accepts(source, target))

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
        """Return the states that may come directly before a state.

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
        """The states that no state may follow.

        Example:
            >>> [str(state) for state in sorted(RETRYING.terminal)]
            ['cancelled', 'completed']
        """
        return frozenset(state for state, row in self.table.items() if not row)

    def to_mermaid(self) -> str:
        """Return the diagram in Mermaid's ``stateDiagram-v2`` notation, one transition a line.

        Line breaks in a reason become spaces. Characters with a meaning in Mermaid are written as
        entity codes.

        Example:
            >>> print(STANDARD.to_mermaid().splitlines()[2])
                queued --> processing: a worker takes it
        """
        lines = ["stateDiagram-v2", f"    [*] --> {self.initial}"]
        for source, row in self.table.items():
            for target, reason in row.items():
                text = _as_mermaid(reason)
                lines.append(f"    {source} --> {target}" + (f": {text}" if text else ""))
        lines += [f"    {state} --> [*]" for state, row in self.table.items() if not row]
        return "\n".join(lines) + "\n"


STANDARD: Final = Lifecycle(_STANDARD_TABLE)
"""The interface's own lifecycle, in which outcomes are terminal. A payload has no attempt number,
so a retry under the same id would look like a late duplicate."""

UPDATABLE: Final = frozenset(JobState) - STANDARD.terminal
"""The states in which `JobStatus.update` can change the fields, under any lifecycle."""

RETRYING: Final = Lifecycle(_RETRYING_TABLE)
"""`STANDARD` for queues that retry under the same id, as BullMQ, RQ and Celery do. A failed job may
be queued or processed again, and a job in the state processing may be queued again."""


BEFORE: Final = object()
"""The default of an effect that keeps the previous value of a field."""

Check: TypeAlias = Callable[[object], object]
"""The rule of a field: returns the normalised value or a Fault."""


@final
class Effect(Enum):
    """What entering a state does to a field.

    Attributes:
        default: The value if the caller gives none. BEFORE keeps the previous value, and a Fault
            makes a value required.
        settable: Whether the caller may give a value.
        summary: The effect in words, for messages and the documentation.
    """

    default: object
    settable: bool
    summary: str

    KEEP = BEFORE, False, "keeps it"
    SET = BEFORE, True, "sets or keeps it"
    TAKE = None, True, "sets or clears it"
    NEED = Fault(("missing", "is required by this transition", None)), True, "sets it; required"
    FULL = MAX_PROGRESS, False, f"sets {MAX_PROGRESS:g}"
    CLEAR = None, False, "clears it"

    def __init__(self, default: object, settable: bool, summary: str) -> None:  # noqa: FBT001 - the members are a table
        self.default, self.settable, self.summary = default, settable, summary

    def apply(self, before: object, given: object, check: Check) -> object:
        """Return the field's value after the transition, or a Fault.

        Args:
            before: The value before the transition.
            given: The value that the caller gives; `attrs.NOTHING` if none.
            check: The rule of the field.

        Example:
            >>> Effect.SET.apply(12.5, attrs.NOTHING, float)
            12.5
            >>> Effect.KEEP.apply(12.5, 50, float)[1]
            'cannot be set by this transition, which keeps it; got 50'
        """
        if given is attrs.NOTHING:
            return before if self.default is BEFORE else self.default
        if not self.settable:
            message = (
                f"cannot be set by this transition, which {self.summary}; got {excerpt(given)}"
            )
            return Fault(("not_settable", message, None))
        if given is None:
            return self.default if self is Effect.NEED else None
        return check(given)


EFFECTS: Final[Mapping[JobState, Mapping[str, Effect]]] = MappingProxyType(
    {
        state: MappingProxyType(
            {"progress": progress, "estimated_completion": estimate, "error": error}
        )
        for state, progress, estimate, error in (
            (JobState.QUEUED, Effect.CLEAR, Effect.CLEAR, Effect.CLEAR),
            (JobState.PROCESSING, Effect.SET, Effect.SET, Effect.CLEAR),
            (JobState.COMPLETED, Effect.FULL, Effect.CLEAR, Effect.CLEAR),
            (JobState.FAILED, Effect.KEEP, Effect.CLEAR, Effect.NEED),
            (JobState.CANCELLED, Effect.KEEP, Effect.CLEAR, Effect.TAKE),
        )
    }
)
"""The effect of a transition on each field, by the state that the job enters."""
