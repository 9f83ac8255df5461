"""Quoting what came from outside: in bounded time, at a bounded length, without side effects."""

from __future__ import annotations

import reprlib

_LONGEST = 80
_REPR = reprlib.Repr()
_REPR.maxlong = _REPR.maxother = _REPR.maxstring = _LONGEST


def excerpt(value: object) -> str:
    """Return the repr of any object, cut at 80 characters; never raises."""
    try:
        if isinstance(value, str | bytes | bytearray):
            # Exact types have an exact repr; a subclass may have any.
            text = repr(value[: _LONGEST + 1])
        else:
            text = _REPR.repr(value)
    except Exception:  # noqa: BLE001 - a foreign __repr__, or an integer too long to be written
        text = f"<{type(value).__name__} without a repr>"
    return _cut(text)


def printable(text: str) -> str:
    """Return text cut at 80 characters; escaped, lest it forge a log line or drive a terminal."""
    text = text[: _LONGEST + 1]
    return _cut(text if text.isprintable() else repr(text)[1:-1])


def escape_pointer(token: str) -> str:
    """Return a reference token as RFC 6901, section 3 escapes it."""
    return token.replace("~", "~0").replace("/", "~1")


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
