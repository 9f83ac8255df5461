"""Logs of many jobs, with faults at known lines."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from jobstatus import Payload, StateName
from jobstatus.dates import format_date
from jobstatus.history import FindingCode


class Entry(NamedTuple):
    """A line of a log, and the code of the finding that it must cause."""

    job_id: str
    line: bytes
    code: FindingCode | None = None


# The estimates as JSON.stringify writes them, indexed by progress in tenths of a percent.
_BEGAN = datetime(2026, 11, 23, 14, 40, tzinfo=UTC)
_ESTIMATES = [format_date(_BEGAN + tenths * timedelta(milliseconds=4321)) for tenths in range(1001)]


def entry(
    job_id: str,
    status: StateName,
    tenths: int | None = None,
    error: str | None = None,
    code: FindingCode | None = None,
) -> Entry:
    """Return a line; a processing job has an estimate."""
    payload: Payload = {"id": job_id, "status": status}
    if tenths is not None:
        payload["progress"] = tenths / 10 if tenths % 10 else tenths // 10
    if status == "processing":
        payload["estimatedCompletion"] = _ESTIMATES[tenths or 0]
    if error is not None:
        payload["error"] = error
    return Entry(job_id, json.dumps(payload, separators=(",", ":")).encode() + b"\n", code)


def clean_history(job_id: str, chance: random.Random) -> Iterator[Entry]:
    """Yield the lines that a poller sees of a job, with gaps, repeats and perhaps no end."""
    if chance.random() < 0.9:
        yield entry(job_id, "queued")
    tenths = 0
    for tenths in sorted(chance.choices(range(1000), k=chance.randrange(1, 16))):
        running = entry(job_id, "processing", tenths)
        yield running
        if chance.random() < 0.1:
            yield running
    match chance.randrange(5):
        case 0:
            yield entry(job_id, "completed", 1000)
        case 1:
            yield entry(job_id, "failed", tenths, "timeout")
        case 2:
            yield entry(job_id, "cancelled", tenths)
        case 3:
            yield entry(job_id, "cancelled", tenths, "by the customer")
        case _:
            pass  # it still runs


def faulty_history(job_id: str, code: FindingCode) -> list[Entry]:
    """Return a history that ends with one fault."""
    queued = entry(job_id, "queued")
    running = entry(job_id, "processing", 500)
    cancelled = entry(job_id, "cancelled", 500)
    failed = entry(job_id, "failed", 500, "timeout")
    faults: dict[FindingCode, list[Entry]] = {
        "illegal_move": [queued],
        "outcome_left": [cancelled, running],
        "outcome_replaced": [cancelled, entry(job_id, "completed", 1000)],
        "changed_after_outcome": [failed, entry(job_id, "failed", 500, "no such file")],
        "progress_fell": [entry(job_id, "processing", 499)],
        "failed_without_error": [entry(job_id, "failed", 500)],
        "error_without_failure": [entry(job_id, "processing", 500, "of an earlier attempt")],
        "completed_below_100": [entry(job_id, "completed", 999)],
    }
    history = [queued, running, *faults[code]]
    return [*history[:-1], history[-1]._replace(code=code)]


def interleaved(histories: Iterable[Iterable[Entry]], chance: random.Random) -> list[Entry]:
    """Return the lines of all histories mixed, with each history in its order."""
    arrivals: list[tuple[float, int, Entry]] = []
    for number, history in enumerate(histories):
        moment = chance.random()
        for arrived in history:
            arrivals.append((moment, number, arrived))
            moment += chance.random() / 100
    arrivals.sort(key=lambda arrival: arrival[:2])
    return [arrived for _, _, arrived in arrivals]
