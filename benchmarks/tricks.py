"""What each trick of the straight line saves: the figures beside them in `_fast.py`.

Run: python -m benchmarks.tricks [CALLS]
"""

from __future__ import annotations

import json
import sys
import timeit
from collections.abc import Callable
from json.encoder import encode_basestring
from typing import Any, Final

import attrs

from jobstatus import JobState, JobStatus, _fast
from jobstatus._json import is_deep
from jobstatus._msgspec import decoders
from jobstatus._status import Draft
from jobstatus.dates import format_utc, parse_date

DATE: Final = "2026-11-23T14:40:00.123Z"
TEXT: Final = (
    f'{{"id":"job-42","status":"processing","progress":42.37,"estimatedCompletion":"{DATE}"}}'
)
set_id, set_status, set_progress, set_estimate, set_error = (
    vars(Draft)[field.name].__set__ for field in attrs.fields(JobStatus)
)
MOMENT: Final = parse_date(DATE)
FAST: Final[Any] = _fast  # whose names are its own
BY_MSGSPEC: Final[Any] = decoders()


def construct() -> JobStatus:
    """Make a job as everybody does."""
    return JobStatus("job-42", JobState.PROCESSING, progress=42.37, estimated_completion=MOMENT)


def fill() -> object:
    """Make a job of values that are known to be right."""
    job: Any = Draft()
    job.id, job.status = "job-42", JobState.PROCESSING
    job.progress, job.estimated_completion, job.error = 42.37, MOMENT, None
    job.__class__ = JobStatus
    return job


def fill_slots() -> object:
    """Make it by the setters of the slots."""
    job = object.__new__(JobStatus)
    set_id(job, "job-42")
    set_status(job, JobState.PROCESSING)
    set_progress(job, 42.37)
    set_estimate(job, MOMENT)
    set_error(job, None)
    return job


TRICKS: Final[dict[str, tuple[Callable[[], object], Callable[[], object]]]] = {
    "the scanner of json's C accelerator": (
        lambda: json.loads(TEXT),
        lambda: FAST._scan(TEXT, 0),  # noqa: SLF001
    ),
    "msgspec's struct for a dict of its making": (
        lambda: FAST._build(BY_MSGSPEC.value(TEXT), "ignore"),  # noqa: SLF001
        lambda: FAST._fill(BY_MSGSPEC.struct(TEXT)),  # noqa: SLF001
    ),
    "the length of a document for its depth": (
        lambda: is_deep(TEXT, 64),
        lambda: len(TEXT) > 2 * 64,
    ),
    "a draft whose class is changed": (construct, fill),
    "that draft for setters of slots": (fill_slots, fill),
    "fromisoformat behind a look at the shape": (
        lambda: parse_date(DATE),
        lambda: FAST._parse_date(DATE),  # noqa: SLF001
    ),
    "tables of digits for isoformat": (
        lambda: MOMENT.isoformat(timespec="milliseconds")[:-6] + "Z",
        lambda: format_utc(MOMENT),
    ),
    "json's encoder of strings for json.dumps": (
        lambda: json.dumps("job-42", ensure_ascii=False),
        lambda: encode_basestring("job-42"),
    ),
}


def microseconds(function: Callable[[], object], calls: int) -> float:
    """Return the least of five times for a call."""
    return min(timeit.repeat(function, number=calls, repeat=5)) / calls * 1e6


def main(calls: int = 200_000) -> None:
    """Print what a call takes without each trick and with it."""
    print(f"{'':42}{'without':>8}{'with':>8}{'saved':>8}  (microseconds)")
    for name, (without, with_it) in TRICKS.items():
        before, after = microseconds(without, calls), microseconds(with_it, calls)
        print(f"{name:42}{before:8.2f}{after:8.2f}{before - after:8.2f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
