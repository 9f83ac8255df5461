"""Files and standard input as streams, decompressed, with a progress bar for long files."""

from __future__ import annotations

import selectors
import sys
import zlib
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from io import BufferedReader, RawIOBase
from os import fstat
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, cast, final

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from jobstatus._untrusted import printable
from jobstatus.streams._stream import CHUNK

if TYPE_CHECKING:
    from typing_extensions import Buffer

_LONG_INPUT: Final = 1 << 20
_GZIP: Final = b"\x1f"
"""The first byte of a gzip stream (RFC 1952). No JSON document or sequence begins with it."""
_GZIP_BITS: Final = 31
"""Tells zlib to read gzip's header and trailer."""


class UnreadableError(Exception):
    """A file could not be read; the message is the reason."""


@contextmanager
def opened(name: str) -> Generator[BufferedReader]:
    """Open a file, or standard input for the name "-". A stream in gzip is decompressed.

    Raises:
        UnreadableError: If it cannot be opened.
    """
    with ExitStack() as stack:
        try:
            # Unbuffered, so that data from a pipe is read at once and the bar moves per chunk.
            raw: RawIOBase = (
                Waiting(_standard_input())
                if name == "-"
                else stack.enter_context(Path(name).open("rb", buffering=0))
            )
            size = 0 if name == "-" else fstat(raw.fileno()).st_size
        except OSError as error:
            raise UnreadableError(error.strerror or str(error)) from error
        if size >= _LONG_INPUT and getattr(sys.stderr, "isatty", bool)():
            progress = stack.enter_context(_progress())
            # The bar needs room beside the name.
            short = printable(Path(name).name[:30])
            reader = progress.wrap_file(cast("BinaryIO", raw), size, description=short)
            raw = cast("RawIOBase", reader)
        stream: BufferedReader = BufferedReader(raw, CHUNK)
        try:
            is_compressed = stream.peek(1)[:1] == _GZIP
        except OSError as error:
            raise UnreadableError(error.strerror or str(error)) from error
        yield BufferedReader(Decompressed(stream), CHUNK) if is_compressed else stream


@final
class Decompressed(RawIOBase):
    """Decompresses a gzip stream a piece at a time, so that no input fills the memory."""

    def __init__(self, stream: BufferedReader) -> None:
        self._stream = stream
        self._member = zlib.decompressobj(_GZIP_BITS)
        self._rest = b""  # compressed data that was read

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        """Decompress the next bytes.

        Raises:
            UnreadableError: If the data is damaged or incomplete.
        """
        view = memoryview(buffer)
        while True:
            data = self._rest or self._stream.read1(CHUNK)
            if self._member.eof:
                data = data.lstrip(b"\0")  # padding
                if not data and not self._stream.peek(1):
                    return 0
                self._member = zlib.decompressobj(_GZIP_BITS) if data else self._member
            try:
                found = self._member.decompress(data, len(view))
            except zlib.error as error:
                raise UnreadableError("damaged gzip data") from error
            self._rest = self._member.unconsumed_tail or self._member.unused_data
            if found:
                view[: len(found)] = found
                return len(found)
            if not data and not self._member.eof:
                raise UnreadableError("the gzip data ends too early")


@final
class Waiting(RawIOBase):
    """Waits for data on a non-blocking stream, where a read would return None.

    Other processes may share the pipe's open file description, so its flags stay unchanged.
    """

    def __init__(self, raw: RawIOBase) -> None:
        self._raw = raw

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        """Read the next bytes, and wait for them if necessary."""
        while (count := self._raw.readinto(buffer)) is None:
            with selectors.DefaultSelector() as selector:
                selector.register(self._raw, selectors.EVENT_READ)
                selector.select()
        return count


def _standard_input() -> RawIOBase:
    stream: Any = getattr(sys.stdin, "buffer", None)
    if stream is None:
        raise UnreadableError("it is closed")
    return cast("RawIOBase", getattr(stream, "raw", stream))


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        # Otherwise rich would redirect the output to standard error, where the bar is.
        redirect_stdout=getattr(sys.stdout, "isatty", bool)(),
    )
