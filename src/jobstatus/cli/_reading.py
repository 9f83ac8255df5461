"""Reads the payloads of a stream: each document, or the value at a pointer of each document."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from io import BufferedReader
from typing import Any, Final, TypeAlias, cast, final

import attrs
import typer

from jobstatus._status import JobStatus
from jobstatus._untrusted import excerpt
from jobstatus._wire._json import parse
from jobstatus.cli._input import UnreadableError
from jobstatus.codec import Codec
from jobstatus.errors import DecodeError, unescape_token
from jobstatus.streams._stream import Located, read_located

Found: TypeAlias = tuple[bytes, JobStatus | DecodeError]
"""The bytes of a payload inside a document, and its job or its problems."""

_POINTER: Final = re.compile("(?:/(?:[^~/]|~[01])*+)*+")
_INDEX: Final = re.compile("0|[1-9][0-9]{0,8}")
MISSING: Final = object()


@final
@attrs.define
class Source:
    """Reads payloads with a codec.

    Attributes:
        codec: The options for reading.
        pointer: The JSON Pointer (RFC 6901) of the payload in each document; empty if the document
            is the payload.
        skipped: The number of documents without a value at the pointer.
    """

    codec: Codec
    pointer: str = ""
    skipped: int = 0

    def read(self, stream: BufferedReader) -> Iterator[Located]:
        """Yield the payloads of a stream, each with its line and pointer.

        Raises:
            UnreadableError: If the stream cannot be read.
        """
        # Only reading happens here, so an OSError cannot come from standard output.
        try:
            if self.pointer:
                yield from self._read_wrapped(stream)
            else:
                yield from read_located(stream, self.codec)
        except OSError as error:
            raise UnreadableError(error.strerror or str(error)) from error

    def _read_wrapped(self, stream: BufferedReader) -> Iterator[Located]:
        for line, pointer, document, result in read_located(stream, _Wrapped(self)):
            if result is None:
                self.skipped += 1
            elif isinstance(result, DecodeError):
                yield line, pointer, document, result
            else:
                data, found = result
                yield line, pointer + self.pointer, data, found


@final
class _Wrapped:
    """Decodes the value at a pointer of a document, as `Codec.decode` decodes a document.

    Such a value has no fast path. The whole document is parsed.
    """

    def __init__(self, source: Source) -> None:
        self.max_depth = source.codec.max_depth
        self._codec = source.codec
        self._pointer = source.pointer

    def decode(self, data: bytes, /) -> Found | None:
        """Return the bytes and the job or problems of the value; None if there is no value.

        Raises:
            DecodeError: If the document is malformed.
        """
        value: Any = resolve(parse(data, self.max_depth), self._pointer)
        if value is MISSING:
            return None
        try:
            job: JobStatus = self._codec.from_payload(value)
        except DecodeError as error:
            return json.dumps(value).encode(), error
        return b"", job


def parse_pointer(text: str) -> str:
    """Return a JSON Pointer, or raise a usage error."""
    if _POINTER.fullmatch(text) is None:
        message = f"expected a JSON Pointer such as /job, got {excerpt(text)}"
        raise typer.BadParameter(message)
    return text


def resolve(value: object, pointer: str) -> object:
    """Return the value at a JSON Pointer in a JSON value, or MISSING."""
    for token in map(unescape_token, pointer.split("/")[1:]):
        if isinstance(value, dict):
            value = cast("dict[str, object]", value).get(token, MISSING)
        elif isinstance(value, list) and _INDEX.fullmatch(token):
            items = cast("Sequence[object]", value)
            value = items[int(token)] if int(token) < len(items) else MISSING
        else:
            return MISSING
    return value
