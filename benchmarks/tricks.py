"""What each trick of the straight line saves: the figures beside them in `_fast.py`.

Run: python -m benchmarks.tricks [CALLS]
"""

from __future__ import annotations

import json
import sys
import timeit
from collections.abc import Callable
from typing import Any, Final

from jobstatus import JobState, JobStatus, _fast
from jobstatus.dates import parse_date

DATE: Final = "2026-11-23T14:40:00.123Z"
TEXT: Final = (
    f'{{"id":"job-42","status":"processing","progress":42.37,"estimatedCompletion":"{DATE}"}}'
)
MOMENT: Final = parse_date(DATE)
FAST: Final[Any] = _fast  # whose names are its own


def construct() -> JobStatus:
    """Make a job as everybody does."""
    return JobStatus("job-42", JobState.PROCESSING, progress=42.37, estimated_completion=MOMENT)


def fill() -> JobStatus:
    """Make a job of values that are known to be right."""
    job: JobStatus = object.__new__(JobStatus)
    FAST._set_id(job, "job-42")  # noqa: SLF001
    FAST._set_status(job, JobState.PROCESSING)  # noqa: SLF001
    FAST._set_progress(job, 42.37)  # noqa: SLF001
    FAST._set_estimate(job, MOMENT)  # noqa: SLF001
    FAST._set_error(job, None)  # noqa: SLF001
    return job


TRICKS: Final[dict[str, tuple[Callable[[], object], Callable[[], object]]]] = {
    "the scanner of json's C accelerator": (
        lambda: json.loads(TEXT),
        lambda: FAST._scan(TEXT, 0),  # noqa: SLF001
    ),
    "two searches for a second bracket": (
        lambda: TEXT.count("{") + TEXT.count("["),
        lambda: TEXT.find("{", 1) > 0 or "[" in TEXT,
    ),
    "the slots' own setters": (construct, fill),
    "fromisoformat behind a look at the shape": (
        lambda: parse_date(DATE),
        lambda: FAST._parse_date(DATE),  # noqa: SLF001
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
