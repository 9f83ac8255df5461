"""Convert JSON documents to JobStatus values and back.

Law: the fast path returns exactly the value that the slow path would return, or falls back to it.
Only the slow path reports errors.

The fast path is `_msgspec` if msgspec is installed, otherwise `_pattern`. The slow path is `_slow`,
which uses `_json` and `_payload`. `_write` writes JSON. `_policy` has the options for reading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from threading import Lock
from typing import Final

from jobstatus._fields import Job
from jobstatus._untrusted import as_bytes, as_str
from jobstatus._wire import _slow, _write
from jobstatus._wire._deviations import MAX_SAFE_INTEGER
from jobstatus._wire._extra import Extra, check_extra, parse_texts
from jobstatus._wire._json import BLANK, BLANK_BYTES, NUMBER, Document, is_deep
from jobstatus._wire._payload import Payload, as_number
from jobstatus._wire._payload import read as read_payload
from jobstatus._wire._payload import write as write_payload
from jobstatus._wire._policy import (
    DEFAULT_POLICY,
    MAX_DEPTH,
    Dates,
    Ids,
    Null,
    Numbers,
    Policy,
    States,
    UnknownKeys,
    invalid_option,
)
from jobstatus._wire._slow import decode as decode_slowly
from jobstatus.errors import DecodeError

__all__ = [
    "DEFAULT_POLICY",
    "MAX_DEPTH",
    "MAX_SAFE_INTEGER",
    "NUMBER",
    "Dates",
    "Document",
    "Extra",
    "Ids",
    "Null",
    "Numbers",
    "Payload",
    "Policy",
    "States",
    "UnknownKeys",
    "as_number",
    "check_extra",
    "decode",
    "decode_array",
    "decode_lines",
    "decode_slowly",
    "invalid_option",
    "is_deep",
    "parse_texts",
    "read_payload",
    "select",
    "write",
    "write_array",
    "write_payload",
]


_SELECTION_LOCK: Final = Lock()


def select(*, msgspec: bool) -> None:
    """Switch to msgspec or to the standard library for all reading and writing.

    Raises:
        ImportError: If msgspec is chosen but not installed.
    """
    # Global names, because looking the functions up in a cache takes 0.05 µs a call.
    global decode, decode_array, write, write_array
    if msgspec:
        from jobstatus._wire import _msgspec

        readers = _msgspec.make_decode(_slow.decode), _msgspec.make_decode_array(_slow.decode_array)
        writers = _msgspec.write, _msgspec.write_array
    else:
        from jobstatus._wire import _pattern

        readers = _pattern.make_decode(_slow.decode), _pattern.make_decode_array(_slow.decode_array)
        writers = _write.write, _write.write_array
    # Assigned at the end, because msgspec crashes if one thread creates a decoder while another
    # decodes.
    (decode, decode_array), (write, write_array) = readers, writers


def _select_best() -> None:
    # Runs with the first document, to keep `import jobstatus` fast.
    with _SELECTION_LOCK:
        if decode is not _decode_first:
            return  # another thread was first
        try:
            select(msgspec=True)
        except ImportError:
            select(msgspec=False)


def _decode_first(data: Document, policy: Policy) -> Job:
    _select_best()
    return decode(data, policy)


def _decode_first_array(data: Document, policy: Policy) -> list[Job]:
    _select_best()
    return decode_array(data, policy)


def _write_first(job: Job) -> str:
    _select_best()
    return write(job)


def _write_first_array(jobs: Iterable[Job]) -> bytes:
    _select_best()
    return write_array(jobs)


decode: _slow.Decode = _decode_first
"""Return the job of a document, or raise DecodeError."""

decode_array: _slow.DecodeArray = _decode_first_array
"""Return the jobs of an array, or raise DecodeError with the problems of all items."""

write: Callable[[Job], str] = _write_first
"""Return the JSON of a job, as ``JSON.stringify`` writes it."""

write_array: Callable[[Iterable[Job]], bytes] = _write_first_array
"""Return a JSON array of jobs in UTF-8, as ``JSON.stringify`` writes it."""


def decode_lines(
    lines: Iterable[Document], policy: Policy, *, yield_errors: bool
) -> Iterator[Job | DecodeError]:
    """Yield the job of each NDJSON line; for an invalid line, yield or raise its DecodeError."""
    for number, line in enumerate(lines, start=1):
        try:
            yield decode(line, policy)
        except DecodeError as error:
            if _is_blank(line):
                continue
            located = DecodeError(error.problems, number, truncated=error.truncated)
            if not yield_errors:
                raise located from None
            yield located


def _is_blank(line: object) -> bool:
    if (text := as_str(line)) is not None:
        return not text.strip(BLANK)
    return not (as_bytes(line) or b"").strip(BLANK_BYTES)
