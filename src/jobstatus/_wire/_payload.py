"""Convert payloads, the dicts that a JSON parser returns, to JobStatus values and back."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Any, Final, TypeAlias, cast

from typing_extensions import TypedDict

from jobstatus._fields import FIELDS, ID, KEYS, OPTIONAL, Job, build, extra_of
from jobstatus._states import BY_NAME, StateName
from jobstatus._untrusted import MAX_EXCERPT, as_dict, excerpt, printable
from jobstatus._wire._extra import Extra, dump_member, read_source
from jobstatus._wire._policy import Policy
from jobstatus.dates import format_utc, read_utc
from jobstatus.errors import DecodeError, Fault, Problem, escape_token
from jobstatus.validators import MAX_PROGRESS, MIN_PROGRESS, check_text


class _Required(TypedDict):
    id: str
    status: StateName


# Two classes, because postponed annotations hide NotRequired at run time. Below Python 3.12,
# pydantic requires the TypedDict of typing_extensions.
class Payload(_Required, total=False):
    """A JobStatus as a dict for JSON, in the interface's order, without keys for absent fields."""

    progress: float
    estimatedCompletion: str
    error: str


Source: TypeAlias = tuple[str, int]

_ABSENT: Final = object()
_NULL: Final = Fault(("null", "expected a value or no key, got null", None))
_MISSING: Final = Fault(("missing", "required key is missing", None))
_REQUIRED: Final = len(FIELDS) - len(OPTIONAL)


def read(
    payload: object, policy: Policy, id: str | None = None, source: Source | None = None
) -> Job:
    """Return the job of a payload; `check` has the arguments.

    Raises:
        DecodeError: With all problems, in the interface's order.
        TypeError: If the given id is not a string.
    """
    if id is None:
        try:
            if (job := read_plain(payload, policy)) is not None:
                return job
        except RecursionError:  # the caller's stack is nearly full
            raise
        except Exception:  # noqa: BLE001, S110 - a key with an untrusted __eq__ or __hash__
            pass
    result = check(payload, policy, None if id is None else _require_id(id), source)
    if type(result) is list:
        raise reject(cast("list[Problem]", result), policy)
    return result


def reject(problems: list[Problem], policy: Policy) -> DecodeError:
    """Return a DecodeError with the problems, cut at the policy's maximum."""
    if len(problems) <= (most := policy.max_problems):
        return DecodeError(problems)
    return DecodeError(problems[:most], truncated=True)


def read_plain(payload: Any, policy: Policy) -> Job | None:  # noqa: C901, PLR0911 - a call for each field costs 0.9 µs
    """Return the job of a plain payload, or None to fall back to `check`.

    If it returns a job, `check` would return an equal one, in twice the time.
    """
    members: dict[str, object] = payload  # from Any, because cast() would cost a call
    if type(members) is not dict:
        return None
    get = members.get
    name, state = get("id"), get("status")
    if type(name) is not str or type(state) is not str or (state := BY_NAME.get(state)) is None:
        return None
    progress = estimate = error = None
    if len(members) > _REQUIRED:
        if policy.unknown_keys != "ignore" and _has_unknown(members):
            return None
        if "progress" in members:
            progress = members["progress"]
            if (
                type(progress) is float or type(progress) is int
            ) and MIN_PROGRESS <= progress <= MAX_PROGRESS:
                progress += 0.0  # turns an int into a float, and -0.0 into 0.0
            else:
                return None
        if "estimatedCompletion" in members:
            estimate = members["estimatedCompletion"]
            if type(estimate) is not str or (estimate := read_utc(estimate)) is None:
                return None
        if "error" in members:
            error = members["error"]
            if type(error) is not str or not error.isascii():
                return None
    return build(name, state, progress, estimate, error) if name.isascii() else None


def _require_id(value: object) -> str:
    result = check_text(value)
    if isinstance(result, Fault):
        raise TypeError(f"id: expected a string, got {excerpt(value)}")
    return result


def check(
    payload: object, policy: Policy, id: str | None = None, source: Source | None = None
) -> Job:
    """Return the job of a payload, or the list of its problems.

    If the list is longer than `max_problems`, it may lack the last ones.

    Args:
        payload: Any object.
        policy: The options for reading.
        id: The id that is known from elsewhere. It is used if the payload has none, and a
            different id is a problem.
        source: The document and the position of the payload in it, if there is a document.
    """
    if (members := as_dict(payload)) is None:
        message = f"payload: expected an object, got {excerpt(payload)}"
        return [Problem("", "wrong_type", message)]
    # A lookup must not compare a key with an untrusted __eq__.
    others = [item for item in members.items() if type(item[0]) is not str]
    if others:
        members = {key: value for key, value in members.items() if type(key) is str}
    values: list[object] = []
    problems: list[Problem] = []
    # Private, because Codec inherits it.
    checks = policy._checks  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # see above
    for field, rule in zip(FIELDS, checks, strict=True):
        value = members.get(field.key, _ABSENT)
        if value is _ABSENT:
            value = None if field.optional else _MISSING
        elif value is None and field.optional:
            value = _NULL if policy.null == "reject" else None
        else:
            value = rule(value)
        if field is ID and id is not None:
            value = _check_given(value, id)
        if type(value) is Fault:
            problems.append(value.at(field.pointer, field.key))
        values.append(value)
    values.append(_read_unknown(chain(members.items(), others), policy, source, problems))
    return problems or build(*values)


def _check_given(found: object, id: str) -> object:
    """Return the given id, or a Fault if the payload has another or an invalid one."""
    if found is _MISSING or found == id:
        return id
    if type(found) is Fault:
        return found
    message = f"expected the given id {excerpt(id)}, got {excerpt(found)}"
    return Fault(("id_mismatch", message, None))


def _has_unknown(keys: Iterable[object]) -> bool:
    return any(type(key) is not str or key not in KEYS for key in keys)


def _pointer_to(key: object) -> str:
    # Pointers are never cut. If a key is too long to quote, the pointer is the object's.
    is_quoted = type(key) is str and len(printable(key)) <= MAX_EXCERPT
    return f"/{escape_token(cast('str', key))}" if is_quoted else ""


def _read_unknown(
    members: Iterable[tuple[object, object]],
    policy: Policy,
    source: Source | None,
    problems: list[Problem],
) -> Extra | None:
    """Return the unknown members if the policy keeps them, and add the problems with them."""
    if policy.unknown_keys == "ignore":
        return None
    if policy.unknown_keys == "keep" and source is not None:
        return read_source(*source)
    texts: list[tuple[str, str]] = []
    for key, value in members:
        if len(problems) > policy.max_problems:
            break
        if type(key) is str and key in KEYS:
            continue
        if policy.unknown_keys == "reject":
            message = f"payload: unknown key {excerpt(key)}"
            problems.append(Problem(_pointer_to(key), "unknown_key", message))
            continue
        item = dump_member(key, value, policy.max_depth)
        if isinstance(item, Fault):
            problems.append(item.at(_pointer_to(key), f"key {excerpt(key)}"))
        else:
            texts.append(item)
    return Extra(dict(texts)) if texts else None


def write(job: Job) -> Payload:
    """Return the payload of a job, with keys in the interface's order."""
    payload: Payload = {"id": job.id, "status": job.status._value_}
    progress, estimate = job.progress, job.estimated_completion
    if progress is not None:
        payload["progress"] = as_number(progress)
    if estimate is not None:
        payload["estimatedCompletion"] = format_utc(estimate)
    if job.error is not None:
        payload["error"] = job.error
    if (extra := extra_of(job)) is not None:
        payload.update(extra.to_values())
    return payload


def as_number(progress: float) -> float:
    """Return a whole number as an int, so that any JSON encoder writes 40 and not 40.0."""
    return int(progress) if progress.is_integer() else progress
