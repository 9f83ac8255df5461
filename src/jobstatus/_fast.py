"""The straight line for ordinary messages: one function in, one function out.

Reading may decline, and never refuses. What it returns is None, or what `_json` and `_payload`
return for the same input under any policy; so it knows of no problem, and whatever is not plain it
leaves to them. Writing needs no second way: every JobStatus is valid.

The figures are microseconds saved for a payload with progress and an estimate, on CPython 3.11;
``python -m benchmarks.tricks`` gives them.
"""

from __future__ import annotations

import json
from datetime import datetime
from json.encoder import encode_basestring
from typing import Any, Final, NoReturn, cast

from jobstatus._fields import FIELDS, OPTIONAL
from jobstatus._foreign import excerpt
from jobstatus._json import BLANK, escape_surrogates, format_fraction, is_deep, parse_int
from jobstatus._msgspec import decoders
from jobstatus._scalars import LEAST_PROGRESS, MOST_PROGRESS, parse_text
from jobstatus._states import BY_NAME, JobState
from jobstatus._status import Draft, JobStatus
from jobstatus.dates import format_utc

_KEYS: Final = frozenset(field.key for field in FIELDS)
_LENGTH = len("2026-11-23T14:40:00.123Z")
_REQUIRED = len(FIELDS) - len(OPTIONAL)
_ABSENT: Final = object()


def _decline(*_: str) -> NoReturn:
    raise ValueError


# The scanner of json's C accelerator (1.2), for json.loads also strips blanks, with a regular
# expression at both ends.
_scan: Final = cast("Any", json.JSONDecoder(parse_constant=_decline, parse_int=parse_int)).scan_once


def decode(data: object, max_depth: int, unknown_keys: str) -> JobStatus | None:
    """Return the job that a document holds, or None if the document is not plain."""
    try:
        text = _text(data, max_depth)
        if (by_msgspec := decoders()) is None:
            return _build(_parse(text), unknown_keys)
        if unknown_keys == "reject":
            return _build(by_msgspec.value(text), unknown_keys)
        return _fill(by_msgspec.struct(text))
    except Exception:  # noqa: BLE001 - whatever a parser raises, the careful path says it better
        return None


def decode_array(data: object, max_depth: int, unknown_keys: str) -> list[JobStatus] | None:
    """Return the jobs that an array holds, or None if the document or an item is not plain."""
    try:
        text = _text(data, max_depth)
        by_msgspec = decoders()
        if by_msgspec is not None and unknown_keys != "reject":
            jobs = [_fill(struct) for struct in by_msgspec.structs(text)]
        else:
            items = _parse(text) if by_msgspec is None else by_msgspec.value(text)
            if type(items) is not list:
                return None
            jobs = [_build(item, unknown_keys) for item in cast("list[object]", items)]
    except Exception:  # noqa: BLE001 - as above
        return None
    return cast("list[JobStatus]", jobs) if all(jobs) else None


def structure(payload: object, unknown_keys: str) -> JobStatus | None:
    """Return the job that a parsed document holds, or None if the document is not plain."""
    try:
        return _build(payload, unknown_keys)
    except Exception:  # noqa: BLE001 - a foreign key may hash and compare as it likes
        return None


def _text(data: Any, max_depth: int) -> str:
    text = data.decode() if type(data) is bytes else data
    if type(text) is not str:
        _decline()
    # Each level takes two characters at least, so that most documents need not be counted, and two
    # searches tell of most others that there is one bracket (0.3).
    may_be_deep = len(text) > 2 * max_depth and (text.count("{") > 1 or "[" in text)
    if may_be_deep and is_deep(text, max_depth):
        _decline()
    return text


def _parse(text: str) -> object:
    payload, end = _scan(text, 0)
    if end < len(text) and text[end:].strip(BLANK):
        _decline()
    return payload


def _build(payload: Any, unknown_keys: str) -> JobStatus | None:  # noqa: C901, PLR0911 - a call for each field would cost what the tricks save
    members = payload  # whose type stays open, for a cast is a call
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
        elif (
            type(progress) is float or type(progress) is int
        ) and LEAST_PROGRESS <= progress <= MOST_PROGRESS:
            progress += 0.0  # a float, and 0.0 for -0.0
        else:
            return None
        estimate = get("estimatedCompletion", _ABSENT)
        if estimate is _ABSENT:
            estimate = None
        elif type(estimate) is not str or (estimate := _parse_date(estimate)) is None:
            return None
        error = get("error", _ABSENT)
        if error is _ABSENT:
            error = None
        elif type(error) is not str:
            return None
        elif not error.isascii():
            error = parse_text(error)
    # A draft whose class is changed (7), for the constructor checks what was checked here, and the
    # setters of the slots are calls (0.3).
    job: Any = Draft()
    job.id = name if name.isascii() else parse_text(name)
    job.status = BY_NAME[state]
    job.progress = progress
    job.estimated_completion = estimate
    job.error = error
    job.__class__ = JobStatus
    result: JobStatus = job
    return result


def _fill(struct: Any) -> JobStatus | None:
    # What msgspec has checked: all but the date (0.7 less than a dict and the checks above).
    progress, estimate = struct.progress, struct.estimatedCompletion
    if estimate is not None and (estimate := _parse_date(estimate)) is None:
        return None
    job: Any = Draft()
    job.id = struct.id
    job.status = struct.status
    job.progress = None if progress is None else progress + 0.0
    job.estimated_completion = estimate
    job.error = struct.error
    job.__class__ = JobStatus
    result: JobStatus = job
    return result


def _parse_date(text: str) -> datetime | None:
    # fromisoformat (5) reads much else, and takes what follows a Z and a NUL for nothing; so this
    # looks at all that stands between its numbers.
    is_plain = (
        len(text) == _LENGTH
        and text[4] == text[7] == "-"
        and text[10] == "T"
        and text[13] == text[16] == ":"
        and text[19] == "."
        and text[23] == "Z"
        and "\0" not in text
    )
    return datetime.fromisoformat(text) if is_plain else None


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
