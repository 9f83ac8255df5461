"""Streams that return a few bytes at a time, as a pipe may, and the documents in them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from jobstatus import Codec, DecodeError, JobStatus
from jobstatus.streams._stream import CHUNK, Located, read_located

if TYPE_CHECKING:
    from typing_extensions import Buffer


class Trickle(io.RawIOBase):
    """A raw stream that returns a few bytes at a time, as a pipe may."""

    def __init__(self, data: bytes, size: int) -> None:
        self.data, self.size = io.BytesIO(data), size

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        """Read the next bytes."""
        view = memoryview(buffer)
        return self.data.readinto(view[: self.size])


def stream_of(data: bytes, size: int = 1 << 16) -> io.BufferedReader:
    """Return a buffered stream that receives a few bytes at a time."""
    return io.BufferedReader(Trickle(data, size))


def read(data: bytes, size: int = CHUNK, max_depth: int = 64) -> list[Located]:
    """Return the documents of a stream that receives a few bytes at a time."""
    return [*read_located(stream_of(data, size), Codec(max_depth=max_depth))]


def cut(data: bytes, size: int = CHUNK) -> list[tuple[int, str, bytes]]:
    """Return the line, pointer and bytes of each document."""
    return [(line, pointer, text.strip()) for line, pointer, text, _ in read(data, size)]


def results(data: bytes, max_depth: int = 64) -> list[tuple[int, str, JobStatus | str]]:
    """Return the line, the pointer, and the job or the code of its first problem."""
    return [
        (line, pointer, result.problems[0].code if isinstance(result, DecodeError) else result)
        for line, pointer, _, result in read(data, max_depth=max_depth)
    ]


def faults(data: bytes) -> list[tuple[int, str]]:
    """Return the line and the message of each problem of an array itself."""
    return [
        (line, result.problems[0].message)
        for line, pointer, text, result in read(data)
        if isinstance(result, DecodeError) and (result.line, pointer, text) == (line, "", b"")
    ]
