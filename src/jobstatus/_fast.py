"""The straight line for ordinary messages: one function in, one function out.

Reading may decline, and never refuses. What it returns is None, or what `_json` and `_payload`
return for the same input under any policy; so it knows of no problem, and whatever is not plain it
leaves to them. Writing needs no second way: every JobStatus is valid.

The figures are microseconds saved for a payload with progress and an estimate, on CPython 3.11;
``python -m benchmarks.tricks`` gives them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from functools import cache
from json.encoder import encode_basestring
from typing import Any, Final, NoReturn, TypeVar, cast

from jobstatus._fields import FIELDS, OPTIONAL
from jobstatus._foreign import excerpt
from jobstatus._json import BLANK, escape_surrogates, format_fraction, is_deep
from jobstatus._scalars import parse_text
from jobstatus._states import BY_NAME, JobState
from jobstatus._status import Draft, JobStatus
from jobstatus.dates import format_utc

_KEYS: Final = frozenset(field.key for field in FIELDS)
_LEAST, _MOST = 0.0, 100.0
_LENGTH = len("2026-11-23T14:40:00.123Z")
_REQUIRED = len(FIELDS) - len(OPTIONAL)
_ABSENT: Final = object()
_from_iso: Final = datetime.fromisoformat


def _decline(constant: str) -> NoReturn:
    raise ValueError(constant)


# The scanner of json's C accelerator (1.2), for json.loads also strips blanks, with a regular
# expression at both ends.
_scan: Final = cast("Any", json.JSONDecoder(parse_constant=_decline)).scan_once


@cache
def parser() -> Callable[[str], object] | None:
    """Return msgspec's parser (0.7), or None where it is not installed.

    It refuses lone surrogates and numbers beyond a double, which the careful path then reads.
    """
    try:
        import msgspec
    except ImportError:
        return None
    return msgspec.json.Decoder().decode


T = TypeVar("T")


def read(
    data: Any, max_depth: int, unknown_keys: str, build: Callable[[object, str], T | None]
) -> T | None:
    """Return what is built of a document, or None if the document is not plain."""
    try:
        text = data.decode() if type(data) is bytes else data
        if type(text) is not str:
            return None
        # Each level takes two characters at least, so that most documents need not be counted, and
        # two searches tell of most others that there is one bracket (0.3).
        may_be_deep = len(text) > 2 * max_depth and (text.find("{", 1) > 0 or "[" in text)
        if may_be_deep and is_deep(text, max_depth):
            return None
        if (parse := parser()) is not None:
            return build(parse(text), unknown_keys)
        payload, end = _scan(text, 0)
        if end < len(text) and text[end:].strip(BLANK):
            return None
        return build(payload, unknown_keys)
    except Exception:  # noqa: BLE001 - whatever a parser raises, the careful path says it better
        return None


def structure(payload: object, unknown_keys: str) -> JobStatus | None:
    """Return the job that a parsed document holds, or None if the document is not plain."""
    try:
        return build_job(payload, unknown_keys)
    except Exception:  # noqa: BLE001 - a foreign key may hash and compare as it likes
        return None


def build_jobs(payload: Any, unknown_keys: str) -> list[JobStatus] | None:
    """Return the jobs of a parsed array, or None if an item is not plain."""
    items = payload  # whose type stays open, for a cast is a call
    if type(payload) is not list:
        return None
    jobs = [build_job(item, unknown_keys) for item in items]
    return cast("list[JobStatus]", jobs) if all(jobs) else None


def build_job(payload: Any, unknown_keys: str) -> JobStatus | None:  # noqa: C901, PLR0911, PLR0912 - a call for each field would cost what the tricks save
    """Return the job of a parsed object, or None if it is not plain; may raise what its keys do."""
    members = payload
    if type(payload) is not dict:
        return None
    get = members.get
    name, state = get("id"), get("status")
    if type(name) is not str or type(state) is not str:
        return None
    progress = estimate = error = None
    if len(members) > _REQUIRED:
        if unknown_keys == "reject" and not _KEYS.issuperset(members):
            return None
        progress = get("progress", _ABSENT)
        if progress is _ABSENT:
            progress = None
        # A bool is neither, and NaN in no range.
        elif (type(progress) is float or type(progress) is int) and _LEAST <= progress <= _MOST:
            progress += 0.0  # a float, and 0.0 for -0.0
        else:
            return None
        estimate = get("estimatedCompletion", _ABSENT)
        if estimate is _ABSENT:
            estimate = None
        # fromisoformat (4) reads much else, and takes what follows a Z and a NUL for nothing; so
        # this looks at all that stands between its numbers.
        elif (
            type(estimate) is str
            and len(estimate) == _LENGTH
            and estimate[4] == estimate[7] == "-"
            and estimate[10] == "T"
            and estimate[13] == estimate[16] == ":"
            and estimate[19] == "."
            and estimate[23] == "Z"
            and "\0" not in estimate
        ):
            estimate = _from_iso(estimate)
        else:
            return None
        error = get("error", _ABSENT)
        if error is _ABSENT:
            error = None
        elif type(error) is not str:
            return None
        elif not error.isascii():
            error = parse_text(error)
    # A draft whose class is changed (7), for the constructor checks what was checked here, and the
    # setters of the slots are calls (0.4).
    job: Any = Draft()
    job.id = name if name.isascii() else parse_text(name)
    job.status = BY_NAME[state]
    job.progress = progress
    job.estimated_completion = estimate
    job.error = error
    job.__class__ = JobStatus
    result: JobStatus = job
    return result


_STATUS: Final = {state: f',"status":"{state}"' for state in JobState}
_WHOLE: Final = {float(number): f',"progress":{number}' for number in range(101)}


def write(job: JobStatus[Any]) -> str:
    """Return what ``JSON.stringify`` writes for a job.

    Raises:
        TypeError: If the argument is not a JobStatus.
    """
    if type(job) is not JobStatus:
        raise TypeError(f"expected a JobStatus, got {excerpt(job)}")
    progress, estimate, error = job.progress, job.estimated_completion, job.error
    if progress is None:
        number = ""
    elif (number := _WHOLE.get(progress, "")) == "":
        number = f',"progress":{format_fraction(progress)}'
    date = "" if estimate is None else f',"estimatedCompletion":"{format_utc(estimate)}"'
    # What json.dumps calls, called directly (1): it escapes what QuoteJSONString does (ECMA-262),
    # but for lone surrogates.
    text = "" if error is None else f',"error":{encode_basestring(error)}'
    document = f'{{"id":{encode_basestring(job.id)}{_STATUS[job.status]}{number}{date}{text}}}'
    return document if document.isascii() else escape_surrogates(document)
