"""A byte stream to the JSON documents in it, each with its line, in memory for one at a time.

A stream is one of three things: an array, whose items are the documents; a single document, over as
many lines as it likes; or newline-delimited JSON.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import BinaryIO, Final, final

import attrs

from jobstatus import _json
from jobstatus._quote import excerpt
from jobstatus.errors import DecodeError, Problem

BLANK: Final = b" \t\r\n"

_CHUNK = 1 << 16
_OUTSIDE = re.compile(rb'[][{},"]')
_IN_STRING = re.compile(rb'"|\\.?', re.DOTALL)


@final
@attrs.frozen
class Document:
    """One document of a stream.

    Attributes:
        line: The line on which it begins, counted from 1.
        pointer: Its JSON Pointer in the stream's own document; empty if it is that document.
        data: Its bytes.
    """

    line: int
    pointer: str
    data: bytes


def split(stream: BinaryIO, max_depth: int) -> Iterator[Document]:
    """Return the documents of a stream.

    The first byte that is not blank tells an array. A stream is one document if its first line is
    not JSON and its second does not begin another object; else it is newline-delimited.

    Raises:
        DecodeError: While iterating, after the last document, if an array is not closed or
            something follows it; its `line` is set.
    """
    lines = ((number, line) for number, line in enumerate(stream, start=1) if line.strip(BLANK))
    first = next(lines, None)
    if first is None:
        return
    number, line = first
    if line.lstrip(BLANK).startswith(b"["):
        chunks = iter(lambda: stream.read(_CHUNK), b"")
        yield from _array_items(chain([line], chunks), number)
        return
    second = next(lines, None)
    rest = chain([] if second is None else [second], lines)
    if second is None or second[1].lstrip(BLANK).startswith(b"{") or _is_json(line, max_depth):
        yield from (Document(number, "", line) for number, line in chain([first], rest))
    else:
        yield Document(number, "", b"".join(line for _, line in chain([first], rest)))


def _is_json(line: bytes, max_depth: int) -> bool:
    try:
        _json.parse(line, max_depth)
    except DecodeError:
        return False
    return True


def _array_items(chunks: Iterable[bytes], line: int) -> Iterator[Document]:
    item, index = bytearray(), 0

    def cut() -> Document:
        nonlocal line, index
        data = bytes(item)
        blank = data[: len(data) - len(data.lstrip(BLANK))]
        document = Document(line + blank.count(b"\n"), f"/{index}", data)
        line, index = line + data.count(b"\n"), index + 1
        item.clear()
        return document

    pieces = _pieces(chunks)
    for piece, own in pieces:
        if not own:
            item += piece
        elif piece == b",":
            yield cut()
        elif piece == b"]":
            if index or item.strip(BLANK):
                yield cut()
            break
    else:
        if item.strip(BLANK):
            yield cut()
        raise _malformed("expected ], got the end", line)
    for piece, _ in pieces:
        if piece.strip(BLANK):
            raise _malformed(f"expected the end after ], got {excerpt(piece)}", line)


def _pieces(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Cut an array at its brackets and commas; the flag tells those of its own level.

    What stands between those need not be JSON.
    """
    in_string, kept, depth = False, b"", 0
    for chunk in chunks:
        text, position, kept = kept + chunk, 0, b""
        while match := (_IN_STRING if in_string else _OUTSIDE).search(text, position):
            token = match[0]
            if token == b"\\":  # what it escapes is in the next chunk
                kept = text[position:]
                break
            own = False
            if token == b'"':
                in_string = not in_string
            elif not in_string:
                opens, closes = token in b"[{", token in b"]}" and depth > 1
                own = depth == 0 or (depth == 1 and token in b",]")
                depth += opens - closes
            yield text[position : match.start() if own else match.end()], False
            if own:
                yield token, True
            position = match.end()
        else:
            yield text[position:], False
    yield kept, False


def _malformed(message: str, line: int) -> DecodeError:
    problem = Problem("", "invalid_json", f"payload: {message}")
    return DecodeError([problem], line)
