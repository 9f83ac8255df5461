"""Streams that give their bytes as a pipe may."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Buffer


class Trickle(io.RawIOBase):
    """A stream that gives a few bytes at a time, as a pipe may."""

    def __init__(self, data: bytes, size: int) -> None:
        self.data, self.size = io.BytesIO(data), size

    def readable(self) -> bool:
        """Say so."""
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        """Give what comes next."""
        view = memoryview(buffer)
        return self.data.readinto(view[: self.size])


def stream_of(data: bytes, size: int = 1 << 16) -> io.BufferedReader:
    """Return a stream over a trickle."""
    return io.BufferedReader(Trickle(data, size))
