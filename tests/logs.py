"""Logs of many jobs, with faults planted where they can be looked for."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import attrs

from jobstatus import JobStatus
from jobstatus.history import FindingCode

BEGAN = datetime(2026, 11, 23, 14, 40, tzinfo=UTC)
STEP = timedelta(milliseconds=4321)
Entry: TypeAlias = tuple[JobStatus, FindingCode | None]
"""A snapshot, and what is to be found at it."""


def clean_history(id: str, chance: random.Random) -> Iterator[Entry]:
    """Yield what somebody who polls sees of a job: with gaps and repeats, to its end or not."""
    queued = JobStatus.queued(id)
    if chance.random() < 0.9:
        yield queued, None
    running = queued.start(progress=0)
    for progress in sorted(chance.choices(range(1000), k=chance.randrange(1, 15))):
        running = running.update(
            progress=progress / 10, estimated_completion=BEGAN + progress * STEP
        )
        yield running, None
        if chance.random() < 0.1:
            yield running, None
    outcomes = running.complete(), running.fail("timeout"), running.cancel(), running.cancel("x")
    yield chance.choice([running, *outcomes]), None


def faulty_history(id: str, code: FindingCode) -> list[Entry]:
    """Return a history with one fault, at its end."""
    queued = JobStatus.queued(id)
    running = queued.start(progress=50)
    faults: dict[FindingCode, list[JobStatus]] = {
        "illegal_move": [queued],
        "outcome_left": [running.cancel(), running],
        "outcome_replaced": [running.cancel(), running.complete()],
        "changed_after_outcome": [running.fail("timeout"), running.fail("no such file")],
        "progress_fell": [running.update(progress=49)],
        "failed_without_error": [JobStatus(id, "failed", progress=50)],
        "error_without_failure": [attrs.evolve(running, error="of an earlier attempt")],
        "completed_below_100": [JobStatus(id, "completed", progress=50)],
    }
    history = [queued, running, *faults[code]]
    return [*((job, None) for job in history[:-1]), (history[-1], code)]


def interleaved(histories: Iterable[Iterable[Entry]], chance: random.Random) -> list[Entry]:
    """Return the entries of histories, each in its own order, as they arrive."""
    arrivals: list[tuple[float, int, Entry]] = []
    for number, history in enumerate(histories):
        moment = chance.random()
        for entry in history:
            arrivals.append((moment, number, entry))
            moment += chance.random() / 100
    arrivals.sort(key=lambda arrival: arrival[:2])
    return [entry for _, _, entry in arrivals]
