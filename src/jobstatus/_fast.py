"""The straight line for ordinary payloads: it may decline, and never refuses.

The one law: what it returns is None, or what `_json` and `_payload` return for the same input under
any policy. So it knows of no problem, and whatever is not plain it leaves to them.

The figures are microseconds saved for a payload with progress and an estimate, on CPython 3.11.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any, Final, NoReturn, cast

from jobstatus._fields import FIELDS
from jobstatus._json import BLANK
from jobstatus._states import BY_NAME, JobState
from jobstatus._status import JobStatus
from jobstatus.validators import parse_text

_KEYS: Final = frozenset(field.key for field in FIELDS)
_LEAST, _MOST = 0.0, 100.0
_ABSENT: Final = object()
# What toISOString writes for the years 0 to 9999.
_is_written: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z"
).fullmatch


class _DeclinedError(Exception):
    """The input is not plain."""


def _decline(_: str) -> NoReturn:
    raise _DeclinedError


# The scanner of json's C accelerator (1.2), for json.loads also strips blanks, with a regular
# expression at both ends. It raises ValueError, StopIteration and RecursionError.
_scan: Final = cast("Any", json.JSONDecoder(parse_constant=_decline)).scan_once
_new: Final = object.__new__
# The slots' own setters (7), for a constructor checks what is checked here.
_set_id, _set_status, _set_progress, _set_estimate, _set_error = (
    vars(JobStatus)[field.name].__set__ for field in FIELDS
)


def decode(data: object, max_depth: int, *, only_known_keys: bool) -> JobStatus | None:
    """Return the job that a document holds, or None if the document is not plain."""
    try:
        return _structure(_parse(data, max_depth), only_known_keys)
    except (_DeclinedError, ValueError, StopIteration, RecursionError):
        return None


def structure(payload: object, *, only_known_keys: bool) -> JobStatus | None:
    """Return the job that a parsed document holds, or None if the document is not plain."""
    try:
        return _structure(payload, only_known_keys)
    except Exception:  # noqa: BLE001 - a foreign key may hash and compare as it likes
        return None


def _parse(data: Any, max_depth: int) -> object:
    text = data.decode() if type(data) is bytes else data
    if type(text) is not str:
        raise _DeclinedError
    # Two searches (0.1) tell that there is one bracket, and most documents need not be counted.
    has_more = text.find("{", 1) > 0 or "[" in text
    if has_more and text.count("{") + text.count("[") > max_depth:
        raise _DeclinedError
    payload, end = _scan(text, 0)
    if end < len(text) and text[end:].strip(BLANK):
        raise _DeclinedError
    return payload


def _structure(payload: Any, only_known_keys: bool) -> JobStatus:  # noqa: FBT001 - a keyword costs time
    if type(payload) is not dict:
        raise _DeclinedError
    members = cast("dict[str, Any]", payload)
    if only_known_keys and not _KEYS.issuperset(members):
        raise _DeclinedError
    get = members.get
    progress, estimate = get("progress", _ABSENT), get("estimatedCompletion", _ABSENT)
    error = get("error", _ABSENT)
    job: JobStatus = _new(JobStatus)
    _set_id(job, _parse_text(get("id")))
    _set_status(job, _parse_state(get("status")))
    _set_progress(job, None if progress is _ABSENT else _parse_progress(progress))
    _set_estimate(job, None if estimate is _ABSENT else _parse_date(estimate))
    _set_error(job, None if error is _ABSENT else _parse_text(error))
    return job


def _parse_text(value: Any) -> str:
    if type(value) is not str:
        raise _DeclinedError
    return value if value.isascii() else parse_text(value)


def _parse_state(value: Any) -> JobState:
    if type(value) is not str or value not in BY_NAME:
        raise _DeclinedError
    return BY_NAME[value]


def _parse_progress(value: Any) -> float:
    # A bool is neither, and NaN in no range.
    if (type(value) is not float and type(value) is not int) or not _LEAST <= value <= _MOST:
        raise _DeclinedError
    return value + 0.0  # a float, and 0.0 for -0.0


def _parse_date(value: Any) -> datetime:
    # fromisoformat (4) reads much else, and takes what follows a Z and a NUL for nothing.
    if type(value) is not str or _is_written(value) is None:
        raise _DeclinedError
    return datetime.fromisoformat(value)
