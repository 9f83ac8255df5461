"""The public function, and adapters for the streams that it reads."""

from __future__ import annotations

import errno
import io
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, cast, final, overload

from jobstatus._status import JobStatus
from jobstatus._untrusted import excerpt
from jobstatus._wire import Document, invalid_option
from jobstatus.codec import DEFAULT, Codec, require_codec
from jobstatus.errors import DecodeError
from jobstatus.streams import _stream

if TYPE_CHECKING:
    from typing_extensions import Buffer


@overload
def read_stream(
    stream: BinaryIO | Iterable[bytes], *, codec: Codec = ..., errors: Literal["raise"] = "raise"
) -> Iterator[JobStatus]: ...
@overload
def read_stream(
    stream: BinaryIO | Iterable[bytes], *, codec: Codec = ..., errors: Literal["yield"]
) -> Iterator[JobStatus | DecodeError]: ...
def read_stream(
    stream: BinaryIO | Iterable[bytes],
    *,
    codec: Codec = DEFAULT,
    errors: Literal["raise", "yield"] = "raise",
) -> Iterator[JobStatus | DecodeError]:
    r"""Yield the jobs in a stream of JSON documents, reading lazily.

    The stream has one of these formats: NDJSON; JSON objects, with or without newlines between
    them; a JSON array; or a JSON text sequence (RFC 7464). The first byte that is not blank
    determines which. Memory use is bounded by the largest document or chunk. A document has at most
    16 MiB.

    Args:
        stream: A file opened in binary mode, or any iterable of chunks of bytes. A chunk may end
            anywhere, also inside a document.
        codec: The options for reading.
        errors: ``"raise"`` the error of an invalid document and stop, or ``"yield"`` it in the
            job's place and continue.

    Yields:
        The jobs; with ``"yield"``, also the errors.

    Raises:
        DecodeError: With the problems of the first invalid document. `line` is the number of the
            line on which the document begins. In an array, each pointer begins with the item's
            index.
        InvalidValueError: With the code ``invalid_option`` if ``errors`` is invalid.
        BlockingIOError: If a non-blocking file has no data yet.
        TypeError: If the stream is not a binary file or an iterable, or if a chunk is not bytes.

    Example:
        >>> chunks = [b'{"id":"a","status":"queued"}{"id":', b'"b","status":"queued"}']
        >>> list(read_stream(chunks))
        [JobStatus('a', 'queued'), JobStatus('b', 'queued')]
    """
    if errors not in ("raise", "yield"):
        raise invalid_option("errors", "'raise' or 'yield'", errors)
    require_codec(codec)
    raw = _raw(stream)
    return _results(io.BufferedReader(raw, _stream.CHUNK), codec, yield_errors=errors == "yield")


def _results(
    stream: io.BufferedReader, codec: Codec, *, yield_errors: bool
) -> Iterator[JobStatus | DecodeError]:
    for line, pointer, _, result in _stream.read_located(stream, codec):
        if type(result) is JobStatus:
            yield result
            continue
        problems = [problem.below(pointer) for problem in result.problems]
        located = DecodeError(problems, line, truncated=result.truncated)
        if not yield_errors:
            raise located
        yield located


def _raw(stream: Any) -> io.RawIOBase:
    """Return a raw stream of a binary file or of chunks."""
    for name in ("readinto1", "readinto", "read"):
        if (read := getattr(stream, name, None)) is not None:
            if isinstance(stream, io.TextIOBase) or hasattr(stream, "encoding"):
                raise TypeError(f"expected a file opened in binary mode, got {excerpt(stream)}")
            return _File(read, is_read=name == "read")
    if isinstance(stream, Document) or not isinstance(stream, Iterable):
        got = excerpt(cast("object", stream))
        raise TypeError(f"expected a binary file or an iterable of chunks of bytes, got {got}")
    return _Chunks(cast("Iterable[bytes]", stream))


class _Raw(io.RawIOBase):
    """Base class of the adapters. Closing one leaves the user's stream open."""

    def readable(self) -> bool:
        return True


@final
class _File(_Raw):
    """Reads a file. If its method returns None, it has no data yet, so this raises an error."""

    def __init__(self, read: Any, *, is_read: bool) -> None:
        self._read, self._is_read = read, is_read

    def readinto(self, buffer: Buffer, /) -> int:
        view = memoryview(buffer)
        found = self._read(len(view) if self._is_read else view)
        if found is None:
            raise BlockingIOError(errno.EAGAIN, "the stream has no data yet")
        if not self._is_read:
            return cast("int", found)
        data = _checked(found)
        view[: len(data)] = data
        return len(data)


@final
class _Chunks(_Raw):
    """Reads chunks of bytes, one after another."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks, self._rest = iter(chunks), memoryview(b"")

    def readinto(self, buffer: Buffer, /) -> int:
        view = memoryview(buffer)
        while not self._rest:
            try:
                self._rest = memoryview(_checked(next(self._chunks)))
            except StopIteration:
                return 0
        size = min(len(view), len(self._rest))
        view[:size], self._rest = self._rest[:size], self._rest[size:]
        return size


def _checked(chunk: object) -> bytes:
    if not isinstance(chunk, bytes):
        raise TypeError(f"expected a chunk of bytes, got {excerpt(chunk)}")
    return chunk
