"""Reads the jobs in a byte stream, one JSON document at a time.

The first byte that is not blank determines the format:

1. ``[`` starts an array. The bytes between two commas are a document. After a damaged document,
   reading resumes at the next comma. If the comma is missing, reading resumes at the next line
   that begins with a bracket.
2. 0x1E starts a JSON text sequence (RFC 7464). The bytes between two 0x1E are a document, so a
   damaged document ends at the next 0x1E. RFC 7464 requires a check for truncated numbers. None
   is needed here, because a number is not a job.
3. Any other byte starts a series of JSON values, with or without newlines between them. A value
   is damaged if it cannot become valid JSON, nests too deeply, or is incomplete at the end of the
   stream. Reading then resumes at the line after the one on which the damaged value began.

Memory use is bounded by the largest document, which has at most `MAX_DOCUMENT` bytes. Time is
linear in the length of the stream, even if the stream is invalid.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from functools import partial
from io import BufferedReader
from typing import Final, Protocol, TypeAlias, TypeVar

from jobstatus._status import JobStatus
from jobstatus._wire import _json
from jobstatus._wire._json import BLANK_BYTES, malformed
from jobstatus.errors import MALFORMED, DecodeError
from jobstatus.streams._items import AFTER_ARRAY, Collector, Items
from jobstatus.streams._values import Document, Values

CHUNK: Final = 1 << 16
"""The number of bytes that are read at a time."""

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Result: TypeAlias = tuple[int, str, bytes, T | DecodeError]
"""A document's line, JSON Pointer and bytes, and its value or its problems."""

Located: TypeAlias = Result[JobStatus]
"""A document's line, JSON Pointer and bytes, and its job or its problems."""

_RECORD_SEPARATOR = b"\x1e"


class Decoder(Protocol[T_co]):
    """Decodes documents. A `Codec` does."""

    @property
    def max_depth(self) -> int:
        """The maximum depth of arrays and objects."""
        ...

    def decode(self, data: bytes, /) -> T_co:
        """Return the value of a document, or raise DecodeError."""
        ...


def read_located(stream: BufferedReader, decoder: Decoder[T]) -> Iterator[Result[T]]:
    """Yield the documents of a stream, each with its decoded value or its problems.

    Problems of an array itself follow its items. Their pointer is that of the array, and their
    errors have a line.
    """
    line = _skip_blanks(stream, 1)
    while first := stream.peek(1)[:1]:
        if first == b"[":
            line = yield from _read_array(stream, decoder, line)
            line = _skip_blanks(stream, line)
            if stream.peek(1):
                yield line, "", b"", malformed("invalid_json", AFTER_ARRAY, line)
        elif first == _RECORD_SEPARATOR:
            yield from _read_documents(_records(stream, line), decoder)
            return
        else:
            yield from _read_values(stream, decoder, line)
            return


def _skip_blanks(stream: BufferedReader, line: int) -> int:
    """Skip blanks, and return the number of the line that follows them."""
    while head := stream.peek(1):
        blank = len(head) - len(head.lstrip(BLANK_BYTES))
        line += stream.read(blank).count(b"\n")
        if blank < len(head):
            break
    return line


def _read_documents(documents: Iterable[Document], decoder: Decoder[T]) -> Iterator[Result[T]]:
    for line, data in documents:
        yield line, "", data or b"", _decode(decoder, data)


def _decode(decoder: Decoder[T], data: bytes | None) -> T | DecodeError:
    if data is None:
        message = f"expected at most {_json.MAX_DOCUMENT} bytes, got more"
        return malformed("invalid_json", message)
    try:
        return decoder.decode(data)
    except DecodeError as error:
        return error


def _read_values(stream: BufferedReader, decoder: Decoder[T], line: int) -> Iterator[Result[T]]:
    values = Values(decoder.max_depth)
    decode = decoder.decode
    line -= 1
    for data in iter(partial(stream.readline, CHUNK), b""):
        line += 1
        # Nearly every line is one document. Only other lines need the tokenizer.
        if len(data) < CHUNK:
            # The comparison is cheaper, and rules out nearly every line.
            if data < b"!" and not data.strip(BLANK_BYTES):
                continue
            try:
                job = decode(data)
            except DecodeError as error:
                if error.problems[0].code not in MALFORMED:
                    yield line, "", data, error
                    continue
            else:
                yield line, "", data, job
                continue
        values.line = line
        yield from _read_documents(values.feed(data), decoder)
        while values.is_open:
            piece = stream.readline(max(CHUNK, values.size))
            yield from _read_documents(values.feed(piece), decoder)
        line = values.line - 1


def _records(stream: BufferedReader, line: int) -> Iterator[Document]:
    record = Collector(line)
    for chunk in iter(partial(stream.read1, CHUNK), b""):
        first, *others = chunk.split(_RECORD_SEPARATOR)
        record.add(first)
        for piece in others:
            if record.size:
                yield record.cut()
            record.add(piece)
    if record.size:
        yield record.cut()


def _read_array(
    stream: BufferedReader, decoder: Decoder[T], line: int
) -> Generator[Result[T], None, int]:
    """Yield the items of an array, and return the number of the line after it."""
    items, index = Items(line), 0
    while not items.is_done:
        piece = stream.readline(max(CHUNK, items.size))
        for number, data in items.feed(piece):
            yield number, f"/{index}", data or b"", _decode_item(decoder, data)
            index += 1
    for message, number in items.faults.items():
        yield number, "", b"", malformed("invalid_json", message, number)
    return items.line


def _decode_item(decoder: Decoder[T], data: bytes | None) -> T | DecodeError:
    # The array counts as a level, as in decode_array.
    if data is not None and data.count(b"[") + data.count(b"{") >= decoder.max_depth:
        error = _decode(decoder, b"[%b]" % data)
        if isinstance(error, DecodeError) and error.problems[0].code == "too_deep":
            return error
    return _decode(decoder, data)
