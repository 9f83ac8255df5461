"""The documents for the timing, and the contract that each peer must keep."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, TypeAlias

from jobstatus import JobState

Fields: TypeAlias = tuple[str, str, float | None, datetime | None, str | None]
"""A job that was read: id, status, progress, estimated completion and error."""

Created: TypeAlias = tuple[str, float, datetime]
"""The arguments of a constructor: id, progress and estimated completion."""

Payload: TypeAlias = dict[str, str | float]

COUNT: Final = 997
"""The number of different documents in a row, so that a cache of dates or numbers gains nothing."""

_CHANCE: Final = random.Random(42)  # noqa: S311 - the same documents in each run
_WORDS: Final = ("the", "worker", "stopped", "because", "its", "disk", "had", "no", "room", "left")
_ERRORS: Final = (
    "The disk is full",
    "timeout after 30 s: the peer never answered",
    "Größe überschritten: 42 µs, nicht 40",
    "変換に失敗しました",
    'no such file: "input.csv"\nsee the log',
    "out of memory \U0001f4a5",
)


def _dump(payload: object) -> bytes:
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def _date() -> str:
    hour, minute, second = (_CHANCE.randrange(most) for most in (24, 60, 60))
    clock = f"{hour:02}:{minute:02}:{second:02}.{_CHANCE.randrange(1000):03}"
    return f"2026-11-{_CHANCE.randint(1, 30):02}T{clock}Z"


def _progress() -> float:
    # Never a whole number, because json.dumps writes 50.0 and JavaScript writes 50.
    return _CHANCE.randrange(100) + _CHANCE.randint(1, 99) / 100


def _minimal(number: int) -> Payload:
    return {"id": f"job-{number}", "status": "queued"}


def _typical(number: int) -> Payload:
    job: Payload = {"id": f"job-{number}", "status": "processing", "progress": _progress()}
    return {**job, "estimatedCompletion": _date()}


def _failed(number: int) -> Payload:
    error = " ".join(_CHANCE.choices(_WORDS, k=60))[:200]
    return {"id": f"job-{number}", "status": "failed", "progress": _progress(), "error": error}


def _mixed(number: int) -> Payload:
    state = _CHANCE.choice([*JobState])
    job: Payload = {"id": f"job-{number}", "status": state.value}
    if state == JobState.COMPLETED:
        job["progress"] = 100
    elif state != JobState.QUEUED:
        job["progress"] = _CHANCE.choice([_CHANCE.randint(0, 100), _progress()])
    if state == JobState.PROCESSING:
        job["estimatedCompletion"] = _date()
    if state == JobState.FAILED:
        job["error"] = _CHANCE.choice(_ERRORS)
    return job


_TYPICAL: Final = [_typical(number) for number in range(COUNT)]

SINGLE: Final[dict[str, list[bytes]]] = {
    "minimal": [_dump(_minimal(number)) for number in range(COUNT)],
    "typical": [_dump(payload) for payload in _TYPICAL],
    "failed": [_dump(_failed(number)) for number in range(COUNT)],
}
"""Documents of one job, in the layout of ``JSON.stringify``."""

LAYOUTS: Final[dict[str, list[bytes]]] = {
    "json.dumps blanks": [json.dumps(payload).encode() for payload in _TYPICAL],
    "other key order": [_dump(dict(reversed(payload.items()))) for payload in _TYPICAL],
    "pretty-printed": [json.dumps(payload, indent=2).encode() for payload in _TYPICAL],
    "unknown key": [_dump({**payload, "queue": "default"}) for payload in _TYPICAL],
    "date with an offset": [document.replace(b'Z"', b'+01:00"') for document in SINGLE["typical"]],
}
"""The typical documents in other layouts."""

REJECTED: Final[dict[str, list[bytes]]] = {
    "five problems": [
        b'{"status":"paused","progress":%d,"estimatedCompletion":"2026-02-30T00:00:00.%03dZ",'
        b'"error":%d}' % (101 + number, number, number)
        for number in range(COUNT)
    ],
    "not JSON": [document[: len(document) // 2] for document in SINGLE["typical"]],
    "wrong progress": [
        _dump({**payload, "progress": 101 + number}) for number, payload in enumerate(_TYPICAL)
    ],
}
"""Documents that every reader must reject."""

CREATED: Final[list[Created]] = [
    (f"job-{number}", _progress(), datetime.fromisoformat(_date())) for number in range(COUNT)
]
"""The arguments of constructors."""


def mixed(count: int) -> list[Payload]:
    """Return payloads in all five states, the same in each call."""
    _CHANCE.seed(count)
    return [_mixed(number) for number in range(count)]


def array(payloads: list[Payload]) -> bytes:
    """Return payloads as one array."""
    return _dump(payloads)


def lines(payloads: list[Payload]) -> bytes:
    """Return payloads as lines."""
    return b"".join([_dump(payload) + b"\n" for payload in payloads])


class Good(NamedTuple):
    """A valid document, its fields, and the document that a writer makes of them."""

    document: bytes
    read: Fields
    written: bytes


def _job(members: str = "", job_id: str = "job-42") -> bytes:
    return f'{{"id":"{job_id}","status":"queued"{"," if members else ""}{members}}}'.encode()


def _queued(job_id: str = "job-42", **others: Any) -> Fields:
    progress, moment, error = (others.get(name) for name in ("progress", "moment", "error"))
    return job_id, "queued", progress, moment, error


def _same(members: str, **others: Any) -> Good:
    return Good(_job(members), _queued(**others), _job(members))


_MOMENT: Final = datetime(2026, 11, 23, 14, 40, 0, 123000, tzinfo=UTC)
_DATE: Final = '"estimatedCompletion":"2026-11-23T14:40:00.123Z"'


def _dated(text: str) -> Good:
    return Good(_job(f'"estimatedCompletion":"{text}"'), _queued(moment=_MOMENT), _job(_DATE))


GOOD: Final[dict[str, Good]] = {
    "minimal": _same(""),
    "progress 42.37": _same('"progress":42.37', progress=42.37),
    "progress 0": _same('"progress":0', progress=0.0),
    "progress 100": _same('"progress":100', progress=100.0),
    "progress 50.0": Good(_job('"progress":50.0'), _queued(progress=50.0), _job('"progress":50')),
    "a date": _dated("2026-11-23T14:40:00.123Z"),
    "an offset": _dated("2026-11-23T15:40:00.123+01:00"),
    "microseconds": _dated("2026-11-23T14:40:00.123999Z"),
    "whole seconds": Good(
        _job('"estimatedCompletion":"2026-11-23T14:40:00Z"'),
        _queued(moment=_MOMENT.replace(microsecond=0)),
        _job('"estimatedCompletion":"2026-11-23T14:40:00.000Z"'),
    ),
    "an unknown key": Good(_job('"owner":{"name":["me",null]}'), _queued(), _job()),
    "an escape": Good(_job(job_id=r"caf\u00e9"), _queued("café"), _job(job_id="café")),
    "a surrogate pair": Good(
        _job(job_id=r"\ud83d\udca5"), _queued("\U0001f4a5"), _job(job_id="\U0001f4a5")
    ),
    "another order": Good(
        b' {"error": "no", "progress": 7.5, "status": "queued", "id": "job-42"}\n',
        _queued(progress=7.5, error="no"),
        _job('"progress":7.5,"error":"no"'),
    ),
    "an empty error": _same('"error":""', error=""),
}
"""Documents that every peer must read, and write as the same JSON values."""

_BAD_MEMBERS: Final = {
    "progress true": '"progress":true',
    "progress as text": '"progress":"5"',
    "progress -1": '"progress":-1',
    "progress null": '"progress":null',
    "progress NaN": '"progress":NaN',
    "error null": '"error":null',
    "error a number": '"error":5',
    "date null": '"estimatedCompletion":null',
    "date a number": '"estimatedCompletion":1700000000',
    "date as a number in text": '"estimatedCompletion":"1700000000"',
    "date without offset": '"estimatedCompletion":"2026-11-23T14:40:00.123"',
    "30 February": '"estimatedCompletion":"2026-02-30T00:00:00Z"',
    "date empty": '"estimatedCompletion":""',
}
BAD: Final[dict[str, bytes]] = {
    "an array": b"[]",
    "a text": b'"id and status"',
    "null": b"null",
    "text behind it": b'{"id":"job-42","status":"queued"} x',
    "no id": b'{"status":"queued"}',
    "id a number": b'{"id":42,"status":"queued"}',
    "id null": b'{"id":null,"status":"queued"}',
    "no status": b'{"id":"job-42"}',
    "an unknown status": b'{"id":"job-42","status":"paused"}',
    "status in capitals": b'{"id":"job-42","status":"QUEUED"}',
    "status null": b'{"id":"job-42","status":null}',
    **{name: _job(members) for name, members in _BAD_MEMBERS.items()},
    **{name: documents[0] for name, documents in REJECTED.items()},
}
"""Documents that every peer must reject."""
