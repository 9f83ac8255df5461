"""Splits an array into its items, and recovers from damaged items.

Brackets and commas outside strings show where an item ends, so an item need not be valid JSON.
A quote that is not closed on its line does not start a string. A line that begins with a bracket
starts a new item if the bracket cannot belong to the open item. So an item without its closing
quote, bracket or comma does not swallow the rest of the array.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from typing import Final, final

from jobstatus._wire import _json
from jobstatus._wire._json import BLANK_BYTES
from jobstatus.streams._values import Document

# The loops are possessive, so that no input makes the search backtrack.
_BRACKET_OR_STRING = re.compile(rb'[][{},]|"(?:[^"\\\n]++|\\[^\n])*+(?P<end>"?)')
_BRACKET = re.compile(rb"[][{},]")
AFTER_ARRAY: Final = "expected the end of the file after the array"
_QUOTE = ord('"')
_MAX_KINDS: Final = 1000
# The bytes that may precede an opening bracket, in an array and in an object.
_BEFORE: Final = {ord("["): b",[", ord("{"): b":"}


@final
class Collector:
    """Collects the bytes of a document from chunks, up to the maximum size.

    Attributes:
        line: The number of the current line.
        count: The number of documents returned so far.
    """

    def __init__(self, line: int) -> None:
        self.line = line
        self.count = 0
        self._begin = line
        self._data = bytearray()

    def add(self, piece: bytes) -> None:
        """Add the next bytes."""
        if len(self._data) <= _json.MAX_DOCUMENT:
            self._data += piece
        self.line += piece.count(b"\n")

    @property
    def size(self) -> int:
        """The number of bytes in memory."""
        return len(self._data)

    @property
    def is_blank(self) -> bool:
        """Whether there are only blanks so far."""
        return not self._data.strip(BLANK_BYTES)

    def cut(self) -> Document:
        """Return the document and start the next one."""
        data = bytes(self._data)
        blank = len(data) - len(data.lstrip(BLANK_BYTES))
        line = self._begin + data.count(b"\n", 0, blank)
        self._data.clear()
        self._begin = self.line
        self.count += 1
        return line, data if len(data) <= _json.MAX_DOCUMENT else None


@final
class Items:
    """Reads an array line by line and returns its items.

    Args:
        line: The number of the line on which the array begins.

    Attributes:
        faults: The problems of the array itself: each message, with the first line of the problem.
        is_done: Whether the array and the rest of its last line have been read.
    """

    def __init__(self, line: int) -> None:
        self.faults: dict[str, int] = {}
        self.is_done = False
        self._item = Collector(line)
        self._kinds = bytearray()  # the outermost open brackets, at most _MAX_KINDS
        self._depth = 0
        self._kept = b""  # the beginning of a string
        self._before = b""  # the last byte so far that is not blank
        self._is_line_start = True
        self._is_damaged = False  # this line has an unclosed quote
        self._is_closed = False

    @property
    def line(self) -> int:
        """The number of the current line."""
        return self._item.line

    @property
    def size(self) -> int:
        """The number of bytes that have to be read again."""
        return len(self._kept)

    def feed(self, piece: bytes) -> Iterator[Document]:
        """Return the items that end in this line or piece of a line.

        Args:
            piece: The next bytes. They may have one newline, at the end. Empty bytes mean the end
                of the stream.
        """
        is_whole = piece.endswith(b"\n") or not piece
        text, self._kept = self._kept + piece, b""
        rest = text if self._is_closed else (yield from self._cut(text, is_whole=is_whole))
        if self._is_closed and rest.strip(BLANK_BYTES):
            self._report(AFTER_ARRAY)
        self._item.add(rest)
        if not piece and not self._is_closed:
            if not self._item.is_blank:
                yield self._item.cut()
            self._report("expected ] at the end of the array, got the end of the file")
        self._before = text[: len(text) - len(self._kept)].rstrip(BLANK_BYTES)[-1:] or self._before
        self._is_line_start = is_whole or (self._is_line_start and not text.strip(BLANK_BYTES))
        self._is_damaged = self._is_damaged and not is_whole
        self.is_done = not piece or (self._is_closed and is_whole)

    def _cut(self, text: bytes, *, is_whole: bool) -> Generator[Document, None, bytes]:
        """Yield the items, and return the bytes after the last one."""
        start = 0
        for number, begin in enumerate(self._marks(text, is_whole=is_whole)):
            mark = text[begin : begin + 1]
            if not number and self._is_next_item(text, begin):
                if self._depth == 1:
                    self._report("expected a comma or ] after an item")
                self._item.add(text[:begin])
                yield self._item.cut()
                start, self._depth = begin, 1
            if mark in b"[{":
                start = start if self._depth else begin + 1
                self._open(mark)
            elif self._depth > 1:
                self._depth -= mark in b"]}"
            elif mark in b",]":
                self._item.add(text[start:begin])
                start, self._is_closed = begin + 1, mark == b"]"
                if not self._is_closed or self._item.count or not self._item.is_blank:
                    yield self._item.cut()
                if self._is_closed:
                    break
        return text[start : len(text) - len(self._kept)]

    def _marks(self, text: bytes, *, is_whole: bool) -> Iterator[int]:
        """Return the positions of the brackets and commas that are not in strings."""
        position = 0
        pattern = _BRACKET if self._is_damaged else _BRACKET_OR_STRING
        while match := pattern.search(text, position):
            begin, position = match.span()
            if text[begin] != _QUOTE:
                yield begin
            elif not match["end"]:
                if not is_whole and len(text) - begin <= _json.MAX_DOCUMENT:
                    self._kept = text[begin:]
                    return
                self._is_damaged, pattern, position = True, _BRACKET, begin + 1

    def _is_next_item(self, text: bytes, begin: int) -> bool:
        """Return whether a bracket begins its line and cannot belong to the open item."""
        if not self._is_line_start or text[:begin].strip(BLANK_BYTES) or text[begin] not in _BEFORE:
            return False
        if not 0 < self._depth <= len(self._kinds):
            return False
        return self._before not in _BEFORE[self._kinds[self._depth - 1]]

    def _open(self, mark: bytes) -> None:
        del self._kinds[self._depth :]
        if self._depth < _MAX_KINDS:
            self._kinds += mark
        self._depth += 1

    def _report(self, message: str) -> None:
        self.faults.setdefault(message, self.line)
