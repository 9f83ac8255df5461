"""Measure the time that each optimisation saves: the figures in the comments of the source.

Run: python -m benchmarks.tricks [CALLS]
"""

from __future__ import annotations

import json
import re
import sys
import timeit
from collections.abc import Callable, Mapping
from json.encoder import encode_basestring
from typing import Any, Final

import attrs

from jobstatus import Codec, JobState, JobStatus, Problem
from jobstatus._fields import build
from jobstatus._wire import _json, _msgspec, _pattern, _payload
from jobstatus.dates import check_date, format_utc, parse_date, read_utc

DATE: Final = "2026-11-23T14:40:00.123Z"
TEXT: Final = (
    f'{{"id":"job-42","status":"processing","progress":42.37,"estimatedCompletion":"{DATE}"}}'
)
DATA: Final = TEXT.encode()
ERROR: Final = ("The worker stopped before its job was done: no room" * 4)[:200]
FAILED: Final = f'{{"id":"job-42","status":"failed","error":"{ERROR}"}}'.encode()
CODEC: Final = Codec()
MOMENT: Final = parse_date(DATE)
PAYLOAD: Final = json.loads(TEXT)
SLOTS: Final[Mapping[str, Any]] = vars(JobStatus)
set_id, set_status, set_progress, set_estimate, set_error, set_extra = (
    SLOTS[field.name].__set__ for field in attrs.fields(JobStatus)
)
DOT: Final = _pattern.compile_layout(".*").fullmatch
CLASS: Final = _pattern.compile_layout(r'[^"\\\x00-\x1f]*+').fullmatch
CONTROLS: Final = re.compile(rb'[\x00-\x1f"\\]').search
RAW: Final = ERROR.encode()


def never(*_: object) -> Any:
    """Return None."""
    return None


BY_PATTERN: Final = _pattern.make_decode(never)
BY_MSGSPEC: Final = _msgspec.make_decode(never)


def fill_slots() -> object:
    """Create a job with the setters of its slots."""
    job = object.__new__(JobStatus)
    set_id(job, "job-42")
    set_status(job, JobState.PROCESSING)
    set_progress(job, 42.37)
    set_estimate(job, MOMENT)
    set_error(job, None)
    set_extra(job, None)
    return job


@attrs.frozen
class AttrsProblem:
    """A problem with the __init__ that attrs generates."""

    pointer: str
    code: str
    message: str
    value: str | None = None


TRICKS: Final[dict[str, tuple[Callable[[], object], Callable[[], object]]]] = {
    "V8's layout by pattern, not by scanner": (
        lambda: _payload.read(_json.parse(DATA, 64), CODEC),
        lambda: BY_PATTERN(DATA, CODEC),
    ),
    ".* for a character set, 200 characters": (lambda: CLASS(FAILED), lambda: DOT(FAILED)),
    "translate for a regular expression": (
        lambda: CONTROLS(RAW),
        lambda: RAW.translate(_json.ESCAPED).isascii(),
    ),
    "msgspec's decoder for the pattern": (
        lambda: BY_PATTERN(DATA, CODEC),
        lambda: BY_MSGSPEC(DATA, CODEC),
    ),
    "the scanner for JSONDecoder.decode": (
        lambda: json.loads(TEXT),
        lambda: _json.parse(TEXT, 64),
    ),
    "plain payloads without the table": (
        lambda: _payload.check(PAYLOAD, CODEC),
        lambda: _payload.read_plain(PAYLOAD, CODEC),
    ),
    "a draft for the constructor": (
        lambda: JobStatus(
            "job-42", JobState.PROCESSING, progress=42.37, estimated_completion=MOMENT
        ),
        lambda: build("job-42", JobState.PROCESSING, 42.37, MOMENT, None),
    ),
    "a draft for setters of slots": (
        fill_slots,
        lambda: build("job-42", JobState.PROCESSING, 42.37, MOMENT, None),
    ),
    "a draft for attrs' __init__ (Problem)": (
        lambda: AttrsProblem("/id", "missing", "id: required"),
        lambda: Problem("/id", "missing", "id: required"),
    ),
    "fromisoformat for the pattern of dates": (
        lambda: check_date("2026-11-23T14:40:00.123+00:00"),
        lambda: read_utc(DATE),
    ),
    "tables of digits for isoformat": (
        lambda: MOMENT.isoformat(timespec="milliseconds")[:-6] + "Z",
        lambda: format_utc(MOMENT),
    ),
    "json's encoder of strings for json.dumps": (
        lambda: json.dumps("job-42", ensure_ascii=False),
        lambda: encode_basestring("job-42"),
    ),
    "translate for that encoder, 200 characters": (
        lambda: encode_basestring(ERROR),
        lambda: ERROR.encode().translate(_json.ESCAPED).isascii(),
    ),
}


def microseconds(function: Callable[[], object], calls: int) -> float:
    """Return the microseconds of a call: the minimum of five runs."""
    return min(timeit.repeat(function, number=calls, repeat=5)) / calls * 1e6


def main(calls: int = 200_000) -> None:
    """Print how long a call takes without each optimisation and with it."""
    print(f"{'':44}{'without':>8}{'with':>8}{'saved':>8}  (microseconds)")
    for name, (without, with_it) in TRICKS.items():
        before, after = microseconds(without, calls), microseconds(with_it, calls)
        print(f"{name:44}{before:8.2f}{after:8.2f}{before - after:8.2f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
