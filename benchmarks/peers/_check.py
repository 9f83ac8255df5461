"""Check that a peer keeps the contract before it is timed."""

from __future__ import annotations

import json
from typing import Any

from benchmarks.payloads import BAD, GOOD, LAYOUTS, SINGLE, Fields, array, lines, mixed
from benchmarks.peers._peer import Peer


def check(peer: Peer) -> None:
    """Check that a peer keeps the contract.

    Raises:
        SystemExit: If it gets anything wrong that its `except_for` does not list.
    """
    peer.prepare()
    wrong = {*_wrong_of_good(peer), *_wrong_of_bad(peer), *_wrong_of_many(peer)}
    if wrong != set(peer.except_for):
        raise SystemExit(f"{peer.name} gets wrong {sorted(wrong)}, not {list(peer.except_for)}")


def _fields(peer: Peer, job: Any) -> Fields:
    progress, moment, error = (
        None if value is peer.absent else value
        for value in (job.progress, job.estimated_completion, job.error)
    )
    return job.id, job.status.value, progress, moment, error


def _is_written(peer: Peer, written: str | bytes, expected: bytes) -> bool:
    if not peer.is_ours:
        return bool(json.loads(written) == json.loads(expected))
    return expected == (written.encode() if isinstance(written, str) else written)


def _wrong_of_good(peer: Peer) -> set[str]:
    wrong: set[str] = set()
    for name, (document, read, written) in GOOD.items():
        try:
            job = peer.decode(document)
            # The repr shows the time zone too.
            right = repr(_fields(peer, job)) == repr(read)
            right = right and _is_written(peer, peer.encode(job), written)
        except Exception as error:
            raise SystemExit(f"{peer.name} rejects {name}: {error!r}") from error
        if not right:
            wrong.add(name)
    return wrong


def _is_rejected(peer: Peer, document: bytes) -> bool:
    try:
        peer.decode(document)
    except Exception:  # noqa: BLE001 - each library has its own
        return True
    return False


def _wrong_of_bad(peer: Peer) -> set[str]:
    return {name for name, document in BAD.items() if not _is_rejected(peer, document)}


def _wrong_of_many(peer: Peer) -> set[str]:
    payloads = mixed(200)
    document = array(payloads)
    jobs = [_fields(peer, peer.decode(line)) for line in lines(payloads).splitlines()]
    many = peer.decode_array(document)
    checks = {
        "reading an array": [_fields(peer, job) for job in many] == jobs,
        "writing an array": _is_written(peer, peer.encode_array(many), document),
        "reading lines": [_fields(peer, job) for job in peer.decode_lines(lines(payloads))] == jobs,
    }
    typical = [peer.decode(one) for one in SINGLE["typical"]]
    for name, documents in LAYOUTS.items():
        if name != "date with an offset":
            checks[name] = [peer.decode(one) for one in documents] == typical
    return {name for name, is_right in checks.items() if not is_right}
