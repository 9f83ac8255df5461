"""This library, on json's scanner and on msgspec's."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Final

from benchmarks.peers._peer import Peer
from jobstatus import Codec, DecodeError, JobStatus, _fast
from jobstatus._msgspec import decoders

FAST: Final[Any] = _fast  # whose names are its own


def _problems(error: DecodeError) -> int:
    return len(error.problems)


def _parse_with(parse: object) -> Callable[[], None]:
    chosen = cache(lambda: parse)  # cached, as is what it stands for

    def prepare() -> None:
        FAST.decoders = chosen

    return prepare


def _peer(name: str, packages: tuple[str, ...], needs: str, parse: object) -> Peer:
    codec = Codec()

    def decode_lines(data: bytes) -> list[JobStatus[Any]]:
        return list(codec.decode_lines(data.splitlines()))

    def encode_lines(jobs: list[JobStatus[Any]]) -> bytes:
        return b"".join(codec.encode_lines(jobs))

    return Peer(
        name=name,
        packages=packages,
        needs=needs,
        decode=codec.decode,
        encode=codec.encode,
        decode_array=codec.decode_array,
        encode_array=codec.encode_array,
        decode_lines=decode_lines,
        encode_lines=encode_lines,
        prepare=_parse_with(parse),
        problems=_problems,
        is_ours=True,
    )


OURS: Final = _peer("jobstatus", ("jobstatus",), "nothing", None)
OURS_WITH_MSGSPEC: Final = _peer(
    "jobstatus, msgspec",
    ("jobstatus", "msgspec"),
    "msgspec installed beside it",
    decoders(),
)
