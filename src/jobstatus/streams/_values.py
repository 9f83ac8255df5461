"""Extracts JSON values from lines, and recovers from damaged values.

A push-down automaton over the tokens of JSON finds faults early. It finds a missing quote at the
end of the line, and a missing comma at the next member. Reading then resumes at the line after the
one on which the damaged value began. So no valid line is lost, and the lines up to the fault are
read twice.

Values may also begin on a line inside the damaged value. If such a value is still open, its frames
are kept and it is not read again. Otherwise each line would be read once per level of nesting.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from itertools import chain
from typing import Final, NamedTuple, TypeAlias, cast, final

from jobstatus._wire import _json
from jobstatus._wire._json import NUMBER

Document: TypeAlias = tuple[int, bytes | None]
"""The line on which a document begins, and its bytes, or None if the document is too long."""

# Every loop is possessive, so that no input makes the search backtrack.
_STRING = rb'"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*+"'
_SCALAR_END = rb'(?=[][{},:" \t\r\n]|\Z)'
# A token; empty if the next bytes are not a valid token.
TOKEN = re.compile(
    rb"[ \t\r\n]*+(%b|(?:%b|true|false|null)%b|[][{},:]|)" % (_STRING, NUMBER.encode(), _SCALAR_END)
)

# For each state, the step to take for the first byte of the next token.
_VALUE: Final = dict.fromkeys(b'"-0123456789tfn', "done") | dict.fromkeys(b"[{", "open")
_STEPS: Final[dict[str, dict[int, str]]] = {
    "document": dict.fromkeys(b"[{", "open"),
    "value": _VALUE,
    "[": _VALUE | {ord("]"): "close"},
    "{": {ord('"'): "colon", ord("}"): "close"},
    "key": {ord('"'): "colon"},
    "colon": {ord(":"): "value"},
    "after item": {ord(","): "value", ord("]"): "close"},
    "after member": {ord(","): "key", ord("}"): "close"},
}
_AFTER: Final = {"[": "after item", "{": "after member"}


class _Frame(NamedTuple):
    """An array or object that is not closed yet.

    Attributes:
        kind: Its opening bracket.
        begin: Its offset in the stream if it is the first token of its line; otherwise None.
    """

    kind: str
    begin: int | None


@final
class Values:
    """Reads lines one by one, and returns the arrays and objects in them.

    Any other value, and any text that is not JSON, is returned with the rest of its line.

    Args:
        max_depth: The maximum depth of arrays and objects.
        line: The number of the first line.

    Attributes:
        line: The number of the line on which the next document begins.
    """

    def __init__(self, max_depth: int, line: int = 1) -> None:
        self.line = line
        self._max_depth = max_depth
        self._buffer = bytearray()  # begins with the open value
        self._offset = 0  # of the buffer in the stream
        self._position = 0  # of the next token in the buffer
        self._frames: list[_Frame] = []
        self._expected = "document"
        self._is_line_start = True
        self._is_inner = False  # the open value is inside a damaged value
        self._is_skipping = False

    @property
    def size(self) -> int:
        """The number of bytes of the open value so far."""
        return len(self._buffer)

    @property
    def is_open(self) -> bool:
        """Whether a value is incomplete, or the rest of a line has to be skipped."""
        return bool(self._buffer) or self._is_skipping

    def feed(self, piece: bytes) -> Iterator[Document]:
        """Return the documents that end in this line or piece of a line.

        Args:
            piece: The next bytes. They may have one newline, at the end. Empty bytes mean the end
                of the stream.
        """
        is_whole = piece.endswith(b"\n") or not piece
        if self._is_skipping:
            self._is_skipping = not is_whole
            self.line += piece.count(b"\n")
            return
        self._buffer += piece
        yield from self._cut(is_whole=is_whole)
        while self._buffer and not piece:
            yield from self._give_up()
            yield from self._cut(is_whole=True)
        self._is_line_start = self._is_line_start or is_whole

    def _cut(self, *, is_whole: bool) -> Iterator[Document]:
        buffer, frames = self._buffer, self._frames
        while True:
            # The pattern always matches.
            token = cast("re.Match[bytes]", TOKEN.match(buffer, self._position))
            begin, end = token.span(1)
            if begin == len(buffer) and not frames:
                self._drop(begin)  # blanks
                return
            step = self._step(begin, end, is_whole=is_whole)
            if step is None:
                self._position = begin
                is_fault = is_whole and begin < len(buffer)
                if not is_fault and len(buffer) <= _json.MAX_DOCUMENT:
                    return
                yield from self._give_up()
                continue
            self._take(step, begin, end)
            if frames:
                continue
            if end > _json.MAX_DOCUMENT:
                yield from self._give_up()
            else:
                yield self.line, bytes(buffer[:end])
                self._drop(end)
                self._expected, self._is_inner = "document", False

    def _step(self, begin: int, end: int, *, is_whole: bool) -> str | None:
        """Return the step for a token; None if it is invalid or may continue in the next piece."""
        if begin == end:
            return None
        step = _STEPS[self._expected].get(self._buffer[begin])
        is_too_deep = step == "open" and len(self._frames) == self._max_depth
        may_go_on = step == "done" and end == len(self._buffer) and not is_whole
        return None if is_too_deep or may_go_on else step

    def _take(self, step: str, begin: int, end: int) -> None:
        if step == "open":
            kind = chr(self._buffer[begin])
            place = self._offset + begin if self._is_line_start else None
            self._frames.append(_Frame(kind, place))
            self._expected = kind
        elif step in ("close", "done"):
            if step == "close":
                self._frames.pop()
            if self._frames:
                self._expected = _AFTER[self._frames[-1].kind]
        else:
            self._expected = step
        self._is_line_start = False
        self._position = end

    def _give_up(self) -> Iterator[Document]:
        """Return the open value as damaged, and read the lines after its first one again."""
        buffer, frames = self._buffer, self._frames
        first = buffer.find(b"\n") + 1 or len(buffer)
        # An outermost value has all lines up to the fault, which gives the best message. An inner
        # value has only its first line, so that no line is decoded once per level.
        data = bytes(buffer[:first] if self._is_inner else buffer)
        yield self.line, None if len(buffer) > _json.MAX_DOCUMENT else data
        self._is_skipping = first == len(buffer) and not buffer.endswith(b"\n")
        self._drop(first)
        inner = next((n for n, frame in enumerate(frames) if n and frame.begin is not None), None)
        if inner is None:
            lines = BytesIO(buffer)
            buffer.clear()
            frames.clear()
            self._position, self._expected = 0, "document"
            self._is_line_start, self._is_inner = True, False
            for line in lines:
                yield from self.feed(line)
            return
        begin = cast("int", frames[inner].begin) - self._offset
        # No value is still open at the end of these lines.
        before = Values(self._max_depth, self.line)
        for line in chain(BytesIO(buffer[:begin]), [b""]):
            yield from before.feed(line)
        self._drop(begin)
        del frames[:inner]
        self._is_inner = True

    def _drop(self, size: int) -> None:
        self.line += self._buffer.count(b"\n", 0, size)
        self._offset += size
        self._position -= size
        del self._buffer[:size]
