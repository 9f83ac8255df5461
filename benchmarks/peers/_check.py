"""Whether a peer keeps the contract, and which of its finer points."""

from __future__ import annotations

import json
from typing import Any

from benchmarks.payloads import BAD, FINER, GOOD, Fields, Finer, array, lines, mixed
from benchmarks.peers._peer import Peer

_MIXED = 200


def check(peer: Peer) -> None:
    """Check that a peer keeps the contract.

    Raises:
        SystemExit: With the name of the peer, and of what it gets wrong.
    """
    peer.prepare()
    wrong = {*_wrong_of_good(peer), *_wrong_of_bad(peer), *_wrong_of_many(peer)}
    if peer.is_ours:
        wrong.update(FINER.keys() - finer_points(peer))
    if wrong != set(peer.except_for):
        raise SystemExit(f"{peer.name} gets wrong {sorted(wrong)}, not {list(peer.except_for)}")


def finer_points(peer: Peer) -> set[str]:
    """Return the finer points in which a peer does as this library does."""
    peer.prepare()
    return {name for name, point in FINER.items() if _has(peer, point)}


def refuses(peer: Peer, document: bytes) -> bool:
    """Return whether a peer refuses a document, with whatever error."""
    try:
        peer.decode(document)
    except Exception:  # noqa: BLE001 - each library has its own
        return True
    return False


def _fields(peer: Peer, job: Any) -> Fields:
    progress, moment, error = (
        None if value is peer.absent else value
        for value in (job.progress, job.estimated_completion, job.error)
    )
    return job.id, job.status.value, progress, moment, error


def _is_written(peer: Peer, written: bytes, expected: bytes) -> bool:
    return written == expected if peer.is_ours else json.loads(written) == json.loads(expected)


def _wrong_of_good(peer: Peer) -> set[str]:
    wrong: set[str] = set()
    for name, (document, read, written) in GOOD.items():
        try:
            job = peer.decode(document)
            right = repr(_fields(peer, job)[3]) == repr(read[3]) and _fields(peer, job) == read
            right = right and _is_written(peer, peer.encode(job), written)
        except Exception as error:
            raise SystemExit(f"{peer.name} refuses {name}: {error!r}") from error
        if not right:
            wrong.add(name)
    return wrong


def _wrong_of_bad(peer: Peer) -> set[str]:
    return {name for name, document in BAD.items() if not refuses(peer, document)}


def _wrong_of_many(peer: Peer) -> set[str]:
    jobs = [_fields(peer, peer.decode(json.dumps(one).encode())) for one in mixed(_MIXED)]
    (document,) = lines(_MIXED, _MIXED)
    wrong: set[str] = set()
    many = peer.decode_array(array(_MIXED))
    if [_fields(peer, job) for job in many] != jobs:
        wrong.add("reading an array")
    if not _is_written(peer, peer.encode_array(many), array(_MIXED)):
        wrong.add("writing an array")
    if [_fields(peer, job) for job in peer.decode_lines(document)] != jobs:
        wrong.add("reading lines")
    written = peer.encode_lines(many).splitlines(keepends=True)
    expected = document.splitlines(keepends=True)
    pairs = zip(written, expected, strict=True)
    if not all(_is_written(peer, one, other) for one, other in pairs):
        wrong.add("writing lines")
    return wrong


def _has(peer: Peer, point: Finer) -> bool:
    if point.read is None:
        return refuses(peer, point.document)
    try:
        job = peer.decode(point.document)
        # Their representations, for -0.0 equals 0.0; a whole progress may stay an int.
        read = _fields(peer, job)
        progress = read[2] if read[2] is None else float(read[2])
        right = repr((*read[:2], progress, *read[3:])) == repr(point.read)
        return right and (point.written is None or peer.encode(job) == point.written)
    except Exception:  # noqa: BLE001 - each library has its own
        return False
