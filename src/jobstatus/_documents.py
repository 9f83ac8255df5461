"""A byte stream to the JSON documents in it, each with its line, in memory for one at a time.

A stream is one of three things: an array, whose items are the documents; a single document, over as
many lines as it likes; or newline-delimited JSON.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from io import BufferedReader, BytesIO
from itertools import chain
from typing import Final, NamedTuple

from jobstatus import _json
from jobstatus._foreign import excerpt
from jobstatus.errors import DecodeError, Problem

CHUNK: Final = 1 << 16
_AHEAD = 1 << 20
_BLANK = _json.BLANK.encode()
# Possessive, so that no input makes it backtrack.
_OUTSIDE = re.compile(rb'[][{},]|"(?:[^"\\]++|\\.)*+(?P<end>"?)', re.DOTALL)
_IN_STRING = re.compile(rb'(?P<end>")|\\.?', re.DOTALL)


class LocatedDocument(NamedTuple):
    """One document of a stream.

    Attributes:
        line: The line on which it begins, counted from 1.
        pointer: Its JSON Pointer in the stream's own document; empty if it is that document.
        data: Its bytes.
    """

    line: int
    pointer: str
    data: bytes


def split(stream: BufferedReader, max_depth: int) -> Iterator[LocatedDocument]:
    """Return the documents of a stream.

    The first byte that is not blank tells an array. A first line that is JSON tells
    newline-delimited JSON. Otherwise a mebibyte is read ahead. What ends there and is JSON as a
    whole is one document; so is what has no other line there that is an object of its own, unless
    it goes on and does not begin with a brace. All else is newline-delimited.

    Raises:
        DecodeError: While iterating, after the last document, if an array is not closed or
            something follows it; its `line` is set.
    """
    line = 1
    while (head := stream.peek(1)) and not head.strip(_BLANK):
        line += stream.read(len(head)).count(b"\n")
    blank = stream.read(len(head) - len(head.lstrip(_BLANK)))
    line += blank.count(b"\n")
    if head.strip(_BLANK).startswith(b"["):
        yield from _array_items(iter(lambda: stream.read1(CHUNK), b""), line)
        return
    first = stream.readline()
    ahead = b"" if _is_json(first, max_depth) else stream.read(_AHEAD)
    lines = list(BytesIO(ahead))
    if ahead and _is_one(first, lines, max_depth, is_all=len(ahead) < _AHEAD):
        yield LocatedDocument(line, "", b"".join((first, ahead, stream.read())))
        return
    if ahead and not ahead.endswith(b"\n"):
        lines[-1] += stream.readline()
    for number, data in enumerate(chain([first], lines, stream), start=line):
        if data.strip(_BLANK):
            yield LocatedDocument(number, "", data)


def _is_one(first: bytes, lines: list[bytes], max_depth: int, *, is_all: bool) -> bool:
    if is_all and _is_json(b"".join((first, *lines)), max_depth):
        return True
    if not is_all and not first.startswith(b"{"):
        return False
    objects = (line for line in lines if line.lstrip(_BLANK).startswith(b"{"))
    return not any(_is_json(line, max_depth) for line in objects)


def _is_json(data: bytes, max_depth: int) -> bool:
    try:
        _json.parse(data, max_depth)
    except DecodeError:
        return False
    return True


def _array_items(chunks: Iterable[bytes], line: int) -> Iterator[LocatedDocument]:
    item, index = bytearray(), 0

    def cut() -> LocatedDocument:
        nonlocal line, index
        data = bytes(item)
        blank = data[: len(data) - len(data.lstrip(_BLANK))]
        document = LocatedDocument(line + blank.count(b"\n"), f"/{index}", data)
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
            break
    else:
        if item.strip(_BLANK):
            yield cut()
        raise _malformed("expected ], got the end", line + item.count(b"\n"))
    if index or item.strip(_BLANK):
        yield cut()
    line += item.count(b"\n")
    for piece, _ in pieces:
        following = piece.lstrip(_BLANK)
        line += piece[: len(piece) - len(following)].count(b"\n")
        if following:
            raise _malformed(f"expected the end after ], got {excerpt(following)}", line)


def _pieces(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Cut an array at its brackets and commas; the flag tells those of its own level.

    What stands between those need not be JSON.
    """
    in_string, kept, depth = False, b"", 0
    for chunk in chunks:
        text, start, position, kept = kept + chunk, 0, 0, b""
        while match := (_IN_STRING if in_string else _OUTSIDE).search(text, position):
            position, token = match.end(), text[match.start() : match.start() + 1]
            if token == b"\\":
                if position - match.start() == 1:  # what it escapes is in the next chunk
                    text, kept = text[: match.start()], token
                    break
            elif token == b'"':
                # A string that ends in this chunk is passed over at once.
                in_string = not in_string and not match["end"]
            else:
                opens, closes = token in b"[{", token in b"]}" and depth > 1
                own = depth == 0 or (depth == 1 and token in b",]")
                depth += opens - closes
                if own:
                    yield text[start : match.start()], False
                    yield token, True
                    start = position
        yield text[start:], False
    yield kept, False


def _malformed(message: str, line: int) -> DecodeError:
    problem = Problem("", "invalid_json", f"payload: {message}")
    return DecodeError([problem], line)
