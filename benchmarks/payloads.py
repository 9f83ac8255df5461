"""The payloads that are timed, and the contract that whoever is timed must keep."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, TypeAlias

from jobstatus import JobState

Fields: TypeAlias = tuple[str, str, float | None, datetime | None, str | None]
"""What is read: id, status, progress, estimated completion and error."""

SINGLE: Final[dict[str, bytes]] = {
    "minimal": b'{"id":"job-42","status":"queued"}',
    "typical": (
        b'{"id":"job-42","status":"processing","progress":42.37,'
        b'"estimatedCompletion":"2026-11-23T14:40:00.123Z"}'
    ),
    "failed": (
        b'{"id":"job-42","status":"failed","progress":61.5,"error":"%s"}'
        % (b"The worker stopped before its job was done: no room" * 4)[:200]
    ),
}
"""The payloads of one message, by name."""

REFUSED: Final = (
    b'{"status":"paused","progress":101,"estimatedCompletion":"2026-02-30T00:00:00Z","error":5}'
)
"""A payload in which each of the five keys is wrong."""

_SEED: Final = 42
_ERRORS: Final = (
    "The disk is full",
    "timeout after 30 s: the peer never answered",
    "Größe überschritten: 42 µs, nicht 40",
    "変換に失敗しました",
    'no such file: "input.csv"\nsee the log',
    "out of memory \U0001f4a5",
)


def _mixed(number: int, chance: random.Random) -> dict[str, str | float]:
    state = chance.choice([state.value for state in JobState])
    job: dict[str, str | float] = {"id": f"job-{number}", "status": state}
    if state == JobState.COMPLETED:
        job["progress"] = 100
    elif state != JobState.QUEUED:
        whole = chance.random() < 0.5  # noqa: PLR2004 - half of them
        job["progress"] = chance.randint(0, 100) if whole else round(chance.uniform(0, 100), 2)
    if state == JobState.PROCESSING:
        clock = f"{chance.randrange(24):02}:{chance.randrange(60):02}:{chance.randrange(60):02}"
        day = f"2026-11-{chance.randint(1, 30):02}"
        job["estimatedCompletion"] = f"{day}T{clock}.{chance.randrange(1000):03}Z"
    if state == JobState.FAILED:
        job["error"] = chance.choice(_ERRORS)
    return job


def mixed(count: int) -> list[dict[str, str | float]]:
    """Return so many payloads in all five states, the same in each run."""
    chance = random.Random(_SEED)  # noqa: S311 - the same payloads in each run
    return [_mixed(number, chance) for number in range(count)]


def dump(payload: object) -> bytes:
    """Return a payload as JSON without blanks."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def array(count: int) -> bytes:
    """Return an array of so many mixed payloads."""
    return dump(mixed(count))


def lines(count: int, at_a_time: int) -> list[bytes]:
    """Return so many mixed payloads, each on a line, in parts."""
    each = [dump(payload) + b"\n" for payload in mixed(count)]
    return [b"".join(each[start : start + at_a_time]) for start in range(0, count, at_a_time)]


def typical(count: int) -> list[bytes]:
    """Return so many typical payloads, whose ids differ."""
    return [SINGLE["typical"].replace(b"job-42", b"job-%d" % number) for number in range(count)]


class Good(NamedTuple):
    """A document, what it is read as, and what that is written as."""

    document: bytes
    read: Fields
    written: bytes


class Finer(NamedTuple):
    """A document, what it is read as (None: it is refused), and what that is written as."""

    document: bytes
    read: Fields | None
    written: bytes | None = None


def _job(members: str = "", job_id: str = "job-42") -> bytes:
    return f'{{"id":"{job_id}","status":"queued"{"," if members else ""}{members}}}'.encode()


def _queued(job_id: str = "job-42", **others: Any) -> Fields:
    names = ("progress", "moment", "error")
    progress, moment, error = (others.get(name) for name in names)
    return job_id, "queued", progress, moment, error


def _same(members: str, **others: Any) -> Good:
    return Good(_job(members), _queued(**others), _job(members))


_MOMENT: Final = datetime(2026, 11, 23, 14, 40, 0, 123000, tzinfo=UTC)
_DATE: Final = '"estimatedCompletion":"2026-11-23T14:40:00.123Z"'
_FAILED: Final[str] = json.loads(SINGLE["failed"])["error"]


def _date(text: str) -> Good:
    return Good(_job(f'"estimatedCompletion":"{text}"'), _queued(moment=_MOMENT), _job(_DATE))


GOOD: Final[dict[str, Good]] = {
    "minimal": Good(SINGLE["minimal"], _queued(), SINGLE["minimal"]),
    "typical": Good(
        SINGLE["typical"], ("job-42", "processing", 42.37, _MOMENT, None), SINGLE["typical"]
    ),
    "failed": Good(SINGLE["failed"], ("job-42", "failed", 61.5, None, _FAILED), SINGLE["failed"]),
    "progress 50": _same('"progress":50', progress=50.0),
    "progress 0": _same('"progress":0', progress=0.0),
    "progress 100": _same('"progress":100', progress=100.0),
    "progress 50.0": Good(_job('"progress":50.0'), _queued(progress=50.0), _job('"progress":50')),
    "an offset": _date("2026-11-23T15:40:00.123+01:00"),
    "microseconds": _date("2026-11-23T14:40:00.123456Z"),
    "microseconds that round up": _date("2026-11-23T14:40:00.123999Z"),
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
"""What everybody must read, and write as the same JSON values."""

_BAD_MEMBERS: Final = {
    "progress true": '"progress":true',
    "progress as text": '"progress":"5"',
    "progress 101": '"progress":101',
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
    "a number": b"5",
    "a text": b'"id and status"',
    "null": b"null",
    "cut off": b'{"id":"job-42","status":"queued"',
    "text behind it": b'{"id":"job-42","status":"queued"} x',
    "no id": b'{"status":"queued"}',
    "id a number": b'{"id":42,"status":"queued"}',
    "id null": b'{"id":null,"status":"queued"}',
    "no status": b'{"id":"job-42"}',
    "an unknown status": b'{"id":"job-42","status":"paused"}',
    "status in capitals": b'{"id":"job-42","status":"QUEUED"}',
    "status null": b'{"id":"job-42","status":null}',
    **{name: _job(members) for name, members in _BAD_MEMBERS.items()},
    "all keys wrong": REFUSED,
}
"""What everybody must refuse."""

_MIDNIGHT: Final = datetime(2026, 11, 24, tzinfo=UTC)


def _dated(text: str, moment: datetime | None = None) -> Finer:
    read = None if moment is None else _queued(moment=moment)
    return Finer(_job(f'"estimatedCompletion":"{text}"'), read)


FINER: Final[dict[str, Finer]] = {
    "the last of two keys counts": Finer(_job('"progress":1,"progress":2'), _queued(progress=2.0)),
    "a lone surrogate is kept": Finer(_job(job_id=r"\ud800"), _queued("\ud800")),
    "progress 1e2": Finer(_job('"progress":1e2'), _queued(progress=100.0)),
    "an unknown integer of 5000 digits": Finer(_job(f'"size":{"7" * 5000}'), _queued()),
    "invalid UTF-8 in an unknown key": Finer(_job('"owner":"?"').replace(b"?", b"\xff"), None),
    "a byte order mark": Finer(b"\xef\xbb\xbf" + _job(), None),
    "NaN in an unknown key": Finer(_job('"size":NaN'), None),
    "100 brackets": Finer(_job('"deep":' + "[" * 100 + "]" * 100), None),
    "-0 is 0": Finer(_job('"progress":-0'), _queued(progress=0.0), _job('"progress":0')),
    "-0.0 is 0": Finer(_job('"progress":-0.0'), _queued(progress=0.0), _job('"progress":0')),
    "1e-7 as V8 writes it": Finer(
        _job('"progress":1e-7'), _queued(progress=1e-7), _job('"progress":1e-7')
    ),
    "0.00001 as V8 writes it": Finer(
        _job('"progress":0.00001'), _queued(progress=1e-5), _job('"progress":0.00001')
    ),
    "a date with a space": _dated("2026-11-23 14:40:00.123Z"),
    "a date with a small z": _dated("2026-11-23T14:40:00.123z"),
    "a date with +0530": _dated("2026-11-23T14:40:00.123+0530"),
    "24:00 ends a day": _dated("2026-11-23T24:00:00Z", _MIDNIGHT),
    "a day is its midnight": _dated("2026-11-24", _MIDNIGHT),
    "nanoseconds are cut": _dated("2026-11-23T14:40:00.123999999Z", _MOMENT),
}
"""What this library promises beyond that, and nobody else has to."""
