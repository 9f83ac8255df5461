"""This library, with and without msgspec."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from benchmarks.payloads import Created
from benchmarks.peers._peer import Peer
from jobstatus import Codec, DecodeError, JobState, JobStatus
from tests.support import parsers


def _read_problems(error: DecodeError) -> object:
    return [(problem.pointer, problem.code, problem.message) for problem in error.problems]


def _create(rows: list[Created]) -> None:
    for name, progress, moment in rows:
        JobStatus(name, JobState.PROCESSING, progress=progress, estimated_completion=moment)


def _step(rows: list[Created]) -> None:
    for name, progress, _ in rows:
        JobStatus.queued(name).start(progress=0).update(progress=progress).complete()


def _peer(name: str, needs: str, parser: parsers.Parser) -> Peer:
    codec = Codec()

    def decode_lines(data: bytes) -> list[JobStatus[Any]]:
        return list(codec.decode_lines(data.splitlines()))

    return Peer(
        name=name,
        needs=needs,
        decode=JobStatus.from_json,
        encode=JobStatus.to_json,
        decode_array=codec.decode_array,
        encode_array=codec.encode_array,
        decode_lines=decode_lines,
        read_problems=_read_problems,
        create=_create,
        step=_step,
        prepare=partial(parsers.select, parser),
        is_ours=True,
    )


OURS: Final = _peer("jobstatus", "nothing", "json")
OURS_WITH_MSGSPEC: Final = _peer("jobstatus, msgspec", "msgspec installed", "msgspec")
