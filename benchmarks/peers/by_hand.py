"""A frozen dataclass, the standard library's json, and checks written by hand."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from benchmarks.peers._peer import (
    STATES,
    Peer,
    each_line,
    read_date,
    read_progress,
    read_text,
    write_date,
)
from jobstatus import JobState


@dataclass(frozen=True, slots=True)
class Status:
    """The payload."""

    id: str
    status: JobState
    progress: float | None = None
    estimated_completion: datetime | None = None
    error: str | None = None


_ABSENT: Final = object()
_stringify: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _from_payload(payload: Any) -> Status:
    get = payload.get
    progress, moment = get("progress", _ABSENT), get("estimatedCompletion", _ABSENT)
    error = get("error", _ABSENT)
    return Status(
        read_text(payload["id"]),
        STATES[payload["status"]],
        None if progress is _ABSENT else read_progress(progress),
        None if moment is _ABSENT else read_date(moment),
        None if error is _ABSENT else read_text(error),
    )


def _to_payload(job: Status) -> dict[str, str | float]:
    payload: dict[str, str | float] = {"id": job.id, "status": job.status}
    if job.progress is not None:
        payload["progress"] = job.progress
    if job.estimated_completion is not None:
        payload["estimatedCompletion"] = write_date(job.estimated_completion)
    if job.error is not None:
        payload["error"] = job.error
    return payload


def _decode(data: bytes) -> Status:
    return _from_payload(json.loads(data))


BY_HAND: Final = Peer(
    name="dataclass",
    needs="a frozen dataclass, `json`, and every check written by hand",
    decode=_decode,
    encode=lambda job: _stringify(_to_payload(job)),
    decode_array=lambda data: [_from_payload(item) for item in json.loads(data)],
    encode_array=lambda jobs: _stringify([_to_payload(job) for job in jobs]),
    decode_lines=each_line(_decode),
)
