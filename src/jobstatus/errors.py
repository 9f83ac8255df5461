"""The exceptions, and the problems that they report as data.

Every exception of this library is a `JobStatusError`, which is a `ValueError`. Each has its data as
attributes, and you can pickle and copy it. A message quotes at most 80 characters of a value, so a
large payload cannot flood a log. The codes are stable; ``docs/errors.md`` lists them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, Literal, NoReturn, TypeAlias, final

import attrs
from typing_extensions import TypedDict

from jobstatus._states import JobState
from jobstatus._untrusted import excerpt, is_a, printable

if TYPE_CHECKING:
    # `_status` adds the class at run time, so that typing.get_type_hints resolves it.
    from jobstatus._status import JobStatus

__all__ = [
    "ConflictingOutcomesError",
    "DecodeError",
    "IllegalTransitionError",
    "InvalidJobStatusError",
    "InvalidValueError",
    "JobExistsError",
    "JobStatusError",
    "OvertakenError",
    "Problem",
    "ProblemCode",
    "ProblemDetails",
    "ProblemDetailsItem",
    "StoreError",
    "UnknownJobError",
]

ProblemCode: TypeAlias = Literal[
    "id_mismatch",
    "invalid_date",
    "invalid_json",
    "invalid_lifecycle",
    "invalid_option",
    "invalid_utf8",
    "invalid_version",
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

MALFORMED: Final = frozenset[ProblemCode](("invalid_json", "invalid_utf8", "too_deep"))
"""The codes of a document that cannot be parsed, or that is not parsed because it is too deep."""

_MAX_SHOWN = 5
_MAX_ITEMS = 100


class _Base:
    __slots__ = ("__weakref__",)


class _Draft(_Base):
    __slots__ = ("code", "message", "pointer", "value")


@final
@attrs.frozen(init=False, getstate_setstate=False, weakref_slot=False)
class Problem(_Base):
    """A rule that a value broke.

    Attributes:
        pointer: A JSON Pointer (RFC 6901) into the payload; empty for the whole payload.
        code: The stable name of the rule.
        message: A text for people; it names the field, the rule and the value.
        value: The unknown state, in full, if the code is ``unknown_state``; otherwise None.

    Example:
        >>> print(Problem("/7/id", "missing", "id: required key is missing"))
        /7: id: required key is missing [missing]
    """

    pointer: str
    code: ProblemCode
    message: str
    value: str | None = attrs.field(default=None, repr=excerpt)

    if TYPE_CHECKING:

        def __init__(
            self, pointer: str, code: ProblemCode, message: str, value: str | None = None
        ) -> None: ...

    else:
        # Filling a draft and switching its class takes a third of the time of attrs' __init__. This
        # matters, because a rejected array may have many problems. The stub above is an __init__,
        # because mypy checks attrs.evolve against it.

        def __new__(  # noqa: D102 - see the class
            cls, pointer: str, code: ProblemCode, message: str, value: str | None = None
        ) -> Problem:
            problem = _Draft()
            problem.pointer, problem.code = pointer, code
            problem.message, problem.value = message, value
            problem.__class__ = Problem
            return problem

    def __init_subclass__(cls) -> None:
        raise TypeError("Problem is final")

    def __reduce__(self) -> tuple[object, ...]:
        return Problem, (self.pointer, self.code, self.message, self.value)

    def __str__(self) -> str:
        # The message already names the field, so only the rest of the pointer is added, such as
        # "/7" of "/7/id".
        place, _, token = self.pointer.rpartition("/")
        if self.code == "unknown_key":
            is_named = self.message.endswith(excerpt(unescape_token(token)))
        else:
            is_named = self.message.startswith(f"{token}: ")
        if not is_named:
            place = self.pointer
        place = f"{printable(place)}: " if place else ""
        return f"{place}{self.message} [{self.code}]"

    def below(self, prefix: str) -> Problem:
        """Return this problem with a prefix before its pointer.

        Example:
            >>> Problem("/id", "missing", "id: required key is missing").below("/7").pointer
            '/7/id'
        """
        return attrs.evolve(self, pointer=prefix + self.pointer)


class Fault(tuple[ProblemCode, str, str | None]):
    """A failed check of a value, before its field is known.

    Its items are the code, the message and the value of a `Problem`. The check functions return a
    Fault instead of raising it, because raising is several times slower and a traceback would keep
    the payload alive. It is a tuple,
    because a class with attributes takes twice the time.
    """

    __slots__ = ()

    def at(self, pointer: str, name: str) -> Problem:
        """Return this fault as the Problem of a field."""
        code, message, value = self
        return Problem(pointer, code, f"{name}: {message}", value)

    def throw(self, name: str | None = None) -> NoReturn:
        """Raise InvalidValueError; its message starts with the value's name, if given."""
        code, message, value = self
        raise InvalidValueError(code, message if name is None else f"{name}: {message}", value)


def escape_token(token: str) -> str:
    """Return a reference token escaped for a JSON Pointer (RFC 6901, section 3)."""
    return token.replace("~", "~0").replace("/", "~1")


def unescape_token(token: str) -> str:
    """Return a reference token without the escapes of `escape_token`."""
    return token.replace("~1", "/").replace("~0", "~")


def alternatives(names: Iterable[str]) -> str:
    """Return names joined by commas and a final "or".

    Example:
        >>> alternatives(["processing", "failed", "cancelled"])
        'processing, failed or cancelled'
    """
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last


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
    """The base class of this library's exceptions; never raised itself.

    The text and the repr stay short for any input. `args` has only the text, so a serialiser that
    keeps only `args` keeps the text. Pickling and copying keep the attributes.
    """

    # Computed when read, because most errors are only counted, never printed. The text of five
    # problems costs 4.5 µs.
    @property
    def args(self) -> tuple[str]:
        """The text of the error."""
        return (str(self),)

    @args.setter
    def args(self, _: object) -> None:  # pyright: ignore[reportIncompatibleVariableOverride]  # computed
        raise AttributeError("args: cannot be set")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self),), vars(self)


def _rebuild(cls: type[JobStatusError]) -> JobStatusError:
    return cls.__new__(cls)


class InvalidValueError(JobStatusError):
    """A single value, such as a date or an option, broke a rule.

    Attributes:
        code: The stable name of the rule.
        message: A text for people; it names the rule and the value.
        value: The unknown state, in full, if the code is ``unknown_state``; otherwise None.
    """

    code: ProblemCode
    message: str
    value: str | None

    def __init__(self, code: ProblemCode, message: str, value: str | None = None) -> None:
        self.code, self.message, self.value = code, message, value

    def __str__(self) -> str:
        return self.message


class InvalidJobStatusError(JobStatusError):
    """The values given for a `JobStatus` are not valid.

    Attributes:
        problems: All problems found, in the order of the fields; never empty.
    """

    problems: tuple[Problem, ...]

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = _require_problems(problems)

    def __str__(self) -> str:
        return _join(self.problems)


class DecodeError(JobStatusError):
    """A document or a payload is not a valid `JobStatus`.

    Attributes:
        problems: All problems found, in the order of the fields, with unknown keys last; never
            empty.
        line: The line number in newline-delimited JSON, counted from 1; otherwise None.
        truncated: Whether reading stopped after `jobstatus.Codec.max_problems` problems. Then the
            rest of the input was not read, and may have more problems.
    """

    problems: tuple[Problem, ...]
    line: int | None
    truncated: bool

    def __init__(
        self, problems: Iterable[Problem], line: int | None = None, *, truncated: bool = False
    ) -> None:
        self.problems, self.line = _require_problems(problems), line
        self.truncated = truncated

    def __str__(self) -> str:
        where = "" if self.line is None else f"line {self.line}: "
        return where + _join(self.problems) + ("; reading stopped here" if self.truncated else "")

    def to_problem_details(self) -> ProblemDetails:
        """Return a body for ``application/problem+json`` (RFC 9457).

        The status is 400 for a document that is not JSON, and 422 for JSON that is not a JobStatus.
        Each item of ``errors`` has its pointer as a URI fragment (RFC 6901, section 6), as in the
        example in RFC 9457. There are at most 100 items, because a hostile payload can have any
        number of problems. ``detail`` counts all problems found.

        Example:
            >>> error = DecodeError([Problem("/id", "missing", "id: required key is missing")])
            >>> error.to_problem_details()["errors"]
            [{'pointer': '#/id', 'code': 'missing', 'detail': 'id: required key is missing'}]
        """
        from urllib.parse import quote

        is_json = MALFORMED.isdisjoint(problem.code for problem in self.problems)
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
                for problem in self.problems[:_MAX_ITEMS]
            ],
        }


class IllegalTransitionError(JobStatusError):
    """The lifecycle does not have this transition. The job is unchanged.

    Attributes:
        job: The job before the transition.
        source: The state of the job.
        target: The state to enter.
        allowed: The states that the job may enter.
    """

    job: JobStatus[Any]
    source: JobState
    target: JobState
    allowed: frozenset[JobState]

    def __init__(
        self, job: JobStatus[Any], target: JobState, allowed: Iterable[JobState] = ()
    ) -> None:
        self.job, self.source = require_job(job), job.status
        self.target, self.allowed = target, frozenset(allowed)

    def __str__(self) -> str:
        # In the order of the enum, because a frozenset has no order.
        names = [state for state in type(self.target) if state in self.allowed]
        if self.target is self.source and not names:
            return f"status: cannot update a job that is {self.source} (job {excerpt(self.job.id)})"
        return (
            f"status: cannot go from {self.source} to {self.target} (job {excerpt(self.job.id)}), "
            f"{f'only to {alternatives(names)}' if names else f'because {self.source} is terminal'}"
        )


class ConflictingOutcomesError(JobStatusError):
    """Two snapshots of one job claim different outcomes, so an update was lost.

    Attributes:
        snapshots: The two snapshots, in the order in which they were given.
    """

    snapshots: tuple[JobStatus[Any], JobStatus[Any]]

    def __init__(self, first: JobStatus[Any], second: JobStatus[Any]) -> None:
        self.snapshots = (require_job(first), require_job(second))

    def __str__(self) -> str:
        first, second = self.snapshots
        found = f"got {first.status} and {second.status}"
        return f"status: expected one outcome for job {excerpt(first.id)}, {found}"


class JobExistsError(JobStatusError):
    """A store already has a job with this id.

    Attributes:
        id: The id.
    """

    id: str

    def __init__(self, *, id: str) -> None:
        self.id = id

    def __str__(self) -> str:
        return f"id: expected a new id, got {excerpt(self.id)}, which is taken"


class UnknownJobError(JobStatusError, KeyError):  # pyright: ignore[reportIncompatibleVariableOverride]  # args is computed
    """A store has no job with this id.

    Attributes:
        id: The id.
    """

    id: str

    def __init__(self, *, id: str) -> None:
        self.id = id

    def __str__(self) -> str:
        return f"id: expected the id of a stored job, got {excerpt(self.id)}"


class OvertakenError(JobStatusError):
    """Somebody else changed the stored job, so this change was not written.

    Attributes:
        id: The id of the job.
        expected: The text of the version from which the change was made, or None for a job that is
            processing already, so that no worker may start it.
        stored: The text of the version that is stored.
        status: The state of the stored job.
    """

    id: str
    stored: str
    expected: str | None
    status: JobState

    def __init__(self, *, id: str, expected: str | None, stored: str, status: JobState) -> None:
        self.id, self.expected, self.stored, self.status = id, expected, stored, status

    def __str__(self) -> str:
        if self.expected is None:
            return f"status: job {excerpt(self.id)} has a worker; take_over=True goes on with it"
        found = f"expected {excerpt(self.expected)}, got {excerpt(self.stored)}"
        return f"version: {found} (job {excerpt(self.id)}, which is {self.status} now)"


class StoreError(JobStatusError):
    """The database of a store failed. The driver's error is the cause.

    Nothing was written, unless the connection to PostgreSQL was lost during a change. Then read the
    job to find out.

    Attributes:
        message: A text for people.
    """

    message: str

    def __init__(self, *, message: str) -> None:
        self.message = message

    def __str__(self) -> str:
        return self.message


def _require_problems(values: Iterable[Problem]) -> tuple[Problem, ...]:
    problems = tuple(values)
    if not {Problem}.issuperset(map(type, problems)):
        raise TypeError(f"problems: expected Problem values, got {excerpt(values)}")
    if not problems:
        raise ValueError("problems: expected at least one, got none")
    return problems


def require_job(value: object) -> JobStatus[Any]:
    """Return the value if it is a JobStatus; otherwise raise TypeError."""
    if type(value) is not JobStatus:
        # A mixin can force a subclass of JobStatus, whose repr does not show the subclass's name.
        shown = f"a subclass: {type(value)}" if is_a(value, JobStatus) else excerpt(value)
        raise TypeError(f"expected a JobStatus, got {shown}")
    return value


def _join(problems: tuple[Problem, ...]) -> str:
    shown = "; ".join(map(str, problems[:_MAX_SHOWN]))
    more = len(problems) - _MAX_SHOWN
    return shown if more <= 0 else f"{shown}; and {more} more"
