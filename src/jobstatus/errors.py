"""What can go wrong, as data.

Every exception of this library is a `JobStatusError`, and so a `ValueError`. Each carries what it
knows as attributes, pickles and copies, and quotes at most 80 characters of what it was given, so
that no payload floods a log. The codes are stable; ``docs/errors.md`` lists them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias, final

import attrs
from typing_extensions import TypedDict

from jobstatus._foreign import excerpt, printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jobstatus._states import JobState
    from jobstatus._status import JobStatus

__all__ = [
    "ConflictingOutcomesError",
    "DecodeError",
    "IllegalTransitionError",
    "InvalidJobStatusError",
    "InvalidValueError",
    "JobStatusError",
    "Problem",
    "ProblemCode",
    "ProblemDetails",
    "ProblemDetailsItem",
]

ProblemCode: TypeAlias = Literal[
    "invalid_date",
    "invalid_json",
    "invalid_lifecycle",
    "invalid_option",
    "invalid_utf8",
    "missing",
    "mixed_jobs",
    "no_offset",
    "not_settable",
    "null",
    "out_of_range",
    "too_deep",
    "unknown_key",
    "unknown_state",
    "wrong_type",
]
"""The stable names of the rules that a value can break."""

_MOST_SHOWN = 5
_MOST_ITEMS = 100


@final
@attrs.frozen
class Problem:
    """One rule that one value broke.

    Attributes:
        pointer: A JSON Pointer (RFC 6901) into the payload; the empty string is the whole payload.
        code: The stable name of the rule.
        message: For people: the field, what was expected, what came, what is allowed.
        value: The status as it came if the code is ``unknown_state``, in full; otherwise None.

    Example:
        >>> print(Problem("/progress", "out_of_range", "progress: expected 0 to 100, got 250"))
        /progress out_of_range progress: expected 0 to 100, got 250
    """

    pointer: str
    code: ProblemCode
    message: str
    value: str | None = None

    def __str__(self) -> str:
        pointer = printable(self.pointer) or '""'
        return f"{pointer} {self.code} {self.message}"

    def below(self, prefix: str) -> Problem:
        """Return this problem with its pointer moved below another.

        Example:
            >>> Problem("/id", "missing", "id: expected a string, got nothing").below("/7").pointer
            '/7/id'
        """
        return attrs.evolve(self, pointer=prefix + self.pointer)


class ProblemDetailsItem(TypedDict):
    """One problem in a problem details body."""

    pointer: str
    code: ProblemCode
    detail: str


class ProblemDetails(TypedDict):
    """A problem details body (RFC 9457) with the extension member ``errors``."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[ProblemDetailsItem]


class JobStatusError(ValueError):
    """The root of this library's exceptions; never raised itself."""


class InvalidValueError(JobStatusError):
    """A single value, a date or an option, broke a rule.

    Attributes:
        code: The stable name of the rule.
        message: What was expected, what came, what is allowed.
        value: The status as it came if the code is ``unknown_state``, in full; otherwise None.
    """

    code: ProblemCode
    message: str
    value: str | None

    def __init__(self, code: ProblemCode, message: str, value: str | None = None) -> None:
        super().__init__(code, message, value)
        self.code, self.message, self.value = code, message, value

    def __str__(self) -> str:
        return self.message

    def at(self, pointer: str, name: str) -> Problem:
        """Return the problem this is when the value stands in a field."""
        return Problem(pointer, self.code, f"{name}: {self.message}", self.value)


class InvalidJobStatusError(JobStatusError):
    """A `JobStatus` was asked for that the contract does not allow.

    Attributes:
        problems: All that is wrong, in the interface's order; never empty.
    """

    problems: tuple[Problem, ...]

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        return _join(self.problems)


class DecodeError(JobStatusError):
    """Bytes, text or a payload that is not a valid `JobStatus`.

    Attributes:
        problems: All that is wrong, in the interface's order; never empty.
        line: The line of an NDJSON stream, counted from 1; None elsewhere.
    """

    problems: tuple[Problem, ...]
    line: int | None

    def __init__(self, problems: Iterable[Problem], line: int | None = None) -> None:
        self.problems, self.line = tuple(problems), line
        super().__init__(self.problems, line)

    def __str__(self) -> str:
        where = "" if self.line is None else f"line {self.line}: "
        return where + _join(self.problems)

    def to_problem_details(self) -> ProblemDetails:
        """Return a body for ``application/problem+json`` (RFC 9457).

        The status is 400 for what is not JSON and 422 for JSON that is not a JobStatus. Each item
        of ``errors`` has its pointer as a URI fragment (RFC 6901, section 6), as in the RFC's own
        example. There are at most 100, however many problems a hostile payload has; ``detail``
        counts all.

        Example:
            >>> error = DecodeError([Problem("/id", "missing", "id: expected a string")])
            >>> error.to_problem_details()["errors"]
            [{'pointer': '#/id', 'code': 'missing', 'detail': 'id: expected a string'}]
        """
        from urllib.parse import quote

        malformed = {"invalid_utf8", "invalid_json", "too_deep"}
        is_json = malformed.isdisjoint(problem.code for problem in self.problems)
        return {
            "type": "about:blank",
            "title": "Unprocessable Content" if is_json else "Bad Request",
            "status": 422 if is_json else 400,
            "detail": str(self),
            "errors": [
                {
                    "pointer": "#" + quote(problem.pointer, errors="replace"),
                    "code": problem.code,
                    "detail": problem.message,
                }
                for problem in self.problems[:_MOST_ITEMS]
            ],
        }


class IllegalTransitionError(JobStatusError):
    """A step that the lifecycle does not have. The job is what it was.

    Attributes:
        job: The job that was to move.
        source: The state it is in.
        target: The state it was to enter.
        allowed: The states it may enter.
    """

    job: JobStatus[Any]
    source: JobState
    target: JobState
    allowed: frozenset[JobState]

    def __init__(
        self, job: JobStatus[Any], target: JobState, allowed: Iterable[JobState] = ()
    ) -> None:
        self.job, self.source = job, job.status
        self.target, self.allowed = target, frozenset(allowed)
        super().__init__(job, target, self.allowed)

    def __str__(self) -> str:
        # An enum iterates in the order of its definition, a frozenset in none.
        names = ", ".join(state for state in type(self.target) if state in self.allowed)
        if self.target is self.source and not names:
            return f"status: cannot update a job that is {self.source} (job {excerpt(self.job.id)})"
        return (
            f"status: cannot go from {self.source} to {self.target} (job {excerpt(self.job.id)}), "
            f"allowed: {names or f'nothing, {self.source} is final'}"
        )


class ConflictingOutcomesError(JobStatusError):
    """Two snapshots of one job claim different outcomes, so an update was lost.

    Attributes:
        snapshots: The two snapshots, in the order in which they were given.
    """

    snapshots: tuple[JobStatus[Any], JobStatus[Any]]

    def __init__(self, first: JobStatus[Any], second: JobStatus[Any]) -> None:
        self.snapshots = (first, second)
        super().__init__(first, second)

    def __str__(self) -> str:
        first, second = self.snapshots
        return (
            f"status: expected one outcome of job {excerpt(first.id)}, "
            f"got {first.status} and {second.status}"
        )


def _join(problems: tuple[Problem, ...]) -> str:
    shown = "; ".join(map(str, problems[:_MOST_SHOWN]))
    more = len(problems) - _MOST_SHOWN
    return shown if more <= 0 else f"{shown}; and {more} more"
