"""Parse JSON (RFC 8259) as strictly as ``JSON.parse``, and format values as V8 does.

`json.loads` is not that strict: it accepts UTF-16, ``NaN`` and a byte order mark. It also raises
``RecursionError`` on deep input and ``ValueError`` on integers of 4,301 digits.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final, NoReturn, TypeAlias, cast

from jobstatus._untrusted import MAX_EXCERPT, as_bytes, as_str, excerpt
from jobstatus.errors import DecodeError, Problem, ProblemCode

BLANK: Final = " \t\r\n"
"""White space (RFC 8259, section 2)."""

BLANK_BYTES: Final = BLANK.encode()

NUMBER: Final = r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++|)(?:[eE][-+]?[0-9]++|)"
"""The pattern of a number (RFC 8259, section 6)."""


ESCAPED: Final = bytes(255 if c < 32 or c in b'"\\' else 32 for c in range(256))  # noqa: PLR2004 - the space
"""For bytes.translate: maps characters that a string must escape to non-ASCII, others to ASCII."""

MAX_DOCUMENT: Final = 1 << 24
"""The maximum size of a document in a stream, in bytes, and of a kept member, in characters."""

MIN_FIXED: Final = 1e-4
"""From this number up, repr and ECMAScript's Number::toString use the same notation."""

scan_string: Final[Any] = vars(json.decoder)["scanstring"]  # missing in typeshed
"""Return the string after a quote at a position, and the position of its end."""

Document: TypeAlias = str | bytes | bytearray | memoryview

_BLANK_RUN = re.compile(f"[{BLANK}]*+")
_SURROGATE = re.compile("[\ud800-\udfff]")
# Matches strings too, because brackets inside strings don't count. Possessive, so that it cannot
# backtrack.
_BRACKET_OR_STRING = r'[][{}]|"(?:[^"\\]++|\\.)*+"?'
_MAX_INTEGER_DIGITS = 400
_MAX_FIXED_EXPONENT = 6


def parse(data: Document, max_depth: int) -> object:
    """Return the value of a JSON document.

    Raises:
        DecodeError: With one problem if the document is not JSON or is nested too deeply.
        TypeError: If the document is not text or bytes.
    """
    text = _decode(data, max_depth)
    value, end = _scan_value(text, 0, max_depth)
    _check_end(text, end, max_depth)
    return value


def parse_items(data: Document, max_depth: int) -> Iterator[tuple[object, int]]:
    """Yield the items of a JSON array, one at a time, each with the position after the one before.

    Raises:
        DecodeError: As `parse` does, at the first fault, and if the document is not an array.
        TypeError: If the document is not text or bytes.
    """
    text = _decode(data, max_depth)
    begin = _skip_blanks(text, 0)
    if not text.startswith("[", begin):
        message = f"expected an array, got {excerpt(parse(text, max_depth))}"
        raise malformed("wrong_type", message)
    end = _skip_blanks(text, begin + 1)
    if not text.startswith("]", end):
        while True:
            begin = end
            value, end = _scan_value(text, begin, max_depth)
            yield value, begin
            end = _skip_blanks(text, end)
            if not text.startswith(",", end):
                break
            end += 1
        if not text.startswith("]", end):
            _check_depth(text, max_depth)
            raise _invalid_json(text, StopIteration(end))
    _check_end(text, end + 1, max_depth)


def scan_members(text: str, begin: int) -> Iterator[tuple[str, int, int]]:
    """Yield the key of each member of an object, and the positions of its value in the text.

    Args:
        text: A valid document.
        begin: The position of the object, or of white space before it.
    """
    end = _skip_blanks(text, _skip_blanks(text, begin) + 1)
    while text[end] != "}":
        key, end = scan_string(text, end + 1)
        begin = _skip_blanks(text, _skip_blanks(text, end) + 1)
        _, end = _scan_value(text, begin, len(text))  # a valid value is not too deep
        yield key, begin, end
        end = _skip_blanks(text, end)
        if text[end] == ",":
            end = _skip_blanks(text, end + 1)


def _decode(data: Document, max_depth: int) -> str:
    text = data.decode() if type(data) is bytes and data.isascii() else decode_utf8(data)
    # Skips short documents, because in valid JSON each level takes at least two characters. Also
    # skips most others, because they have only one opening bracket.
    if len(text) > 2 * max_depth and ("[" in text or text.find("{", 1) >= 0):
        _check_depth(text, max_depth)
    return text


def _scan_value(text: str, begin: int, max_depth: int) -> tuple[object, int]:
    """Return the value at a position, after any white space, and the position of its end."""
    scan = _scan if len(text) > _MAX_INTEGER_DIGITS else _scan_short
    try:
        try:
            found: tuple[object, int] = scan(text, begin)
        except StopIteration:  # leading white space, or no value
            found = scan(text, _skip_blanks(text, begin))
    except (StopIteration, json.JSONDecodeError, _ConstantError) as error:
        _check_depth(text, max_depth)
        raise _invalid_json(text, error) from None
    except RecursionError:
        # The caller's stack is nearly full, or its limit lower than max_depth.
        message = "nested too deep for the recursion limit that is left"
        raise malformed("too_deep", message) from None
    return found


def _skip_blanks(text: str, begin: int) -> int:
    return cast("re.Match[str]", _BLANK_RUN.match(text, begin)).end()


def _check_end(text: str, end: int, max_depth: int) -> None:
    if end < len(text) and (end := _skip_blanks(text, end)) < len(text):
        _check_depth(text, max_depth)
        raise _invalid_json(text, StopIteration(end))


def decode_utf8(data: object) -> str:
    """Return a document as text.

    Raises:
        DecodeError: With one problem if the bytes are not UTF-8.
        TypeError: If the document is not text or bytes.
    """
    if (text := as_str(data)) is not None:
        return text
    if (raw := as_bytes(data)) is None:
        raise TypeError(f"expected str or bytes, got {excerpt(data)}")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        found = excerpt(raw[error.start : error.end])
        message = f"invalid UTF-8 at byte {error.start}, got {found}"
    raise malformed("invalid_utf8", message)


def is_deep(text: str, max_depth: int) -> bool:
    """Return whether arrays and objects are nested deeper than allowed.

    Call it before parsing: if the recursion limit was raised, deep input makes CPython 3.11's
    parser overflow the C stack.
    """
    arrays, objects = text.count("["), text.count("{")
    if arrays + objects <= max_depth:
        return False
    # Most long documents are an array of objects. In valid JSON, a "{" after "[" or "," starts an
    # item of an array. If every "{" does, each object is directly in an array, so the depth is at
    # most twice the number of arrays.
    items = text.count("[{") + text.count(",{") + text.count(", {")
    if objects == items and 2 * arrays <= max_depth:
        return False
    depth = 0
    for token in re.finditer(_BRACKET_OR_STRING, text, re.DOTALL):
        match text[token.start()]:
            case "[" | "{":
                depth += 1
                if depth > max_depth:
                    return True
            case "]" | "}":
                depth -= 1
            case _:  # a string
                pass
    return False


def malformed(code: ProblemCode, message: str, line: int | None = None) -> DecodeError:
    """Return a DecodeError with one problem, for a document that cannot be parsed."""
    return DecodeError([Problem("", code, f"payload: {message}")], line)


def _check_depth(text: str, max_depth: int) -> None:
    if is_deep(text, max_depth):
        raise malformed("too_deep", f"expected at most {max_depth} nested levels, got more")


class _ConstantError(ValueError):
    """Raised for NaN, Infinity or -Infinity, which the json module would accept."""


def _reject_constant(name: str) -> NoReturn:
    raise _ConstantError(name)


def _invalid_json(
    text: str, error: StopIteration | json.JSONDecodeError | _ConstantError
) -> DecodeError:
    if isinstance(error, _ConstantError):
        where = f", got {error}"
    else:
        position: int = error.value if isinstance(error, StopIteration) else error.pos
        rest = text[position : position + MAX_EXCERPT + 1]
        near = f"near {excerpt(rest)}" if rest else "the text ends too early"
        where = f" at character {position}, {near}"
    return malformed("invalid_json", f"invalid JSON{where}")


def _parse_int(literal: str) -> float:
    # ECMAScript's numbers are doubles, so float() is enough. For long literals, int() takes
    # quadratic time or raises.
    return int(literal) if len(literal) <= _MAX_INTEGER_DIGITS else float(literal)


# scan_once saves 0.3 µs over JSONDecoder.decode, which also matches white space at both ends with a
# regular expression. _scan_short saves 0.1 µs more by not calling _parse_int, because a short
# document cannot have a long integer.
_scan: Final = cast(
    "Any", json.JSONDecoder(parse_constant=_reject_constant, parse_int=_parse_int)
).scan_once
_scan_short: Final = cast("Any", json.JSONDecoder(parse_constant=_reject_constant)).scan_once


def escape_surrogates(document: str) -> str:
    """Return a document with its lone surrogates escaped, as well-formed ``JSON.stringify`` does.

    Every surrogate in the document is lone, because `validators.check_text` joins pairs.
    """
    try:
        document.encode()  # much faster than a search, and most documents have no surrogates
    except UnicodeEncodeError:
        return _SURROGATE.sub(lambda lone: f"\\u{ord(lone[0]):04x}", document)
    return document


def format_fraction(number: float) -> str:
    """Return a number between 0 and `MIN_FIXED` as Number::toString writes it (ECMA-262).

    repr returns the same digits, the shortest that round-trip, but in another notation.
    """
    mantissa, _, exponent = repr(number).partition("e-")
    power = int(exponent)
    if power <= _MAX_FIXED_EXPONENT:
        return f"0.{'0' * (power - 1)}{mantissa.replace('.', '')}"
    return f"{mantissa}e-{power}"
