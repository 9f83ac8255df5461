"""Bytes to payload and back: RFC 8259 as ``JSON.parse`` reads it, and V8's spelling.

`json.loads` is not that strict: it takes UTF-16, ``NaN`` and a byte order mark, and raises
``RecursionError`` on deep input and ``ValueError`` on integers of 4,301 digits.
"""

from __future__ import annotations

import json
import re
from typing import Final, NoReturn, TypeAlias, cast

from jobstatus._foreign import excerpt
from jobstatus.errors import DecodeError, Problem, ProblemCode

BLANK: Final = " \t\r\n"
"""White space, as RFC 8259 has it."""

Document: TypeAlias = str | bytes | bytearray | memoryview

_SURROGATE = re.compile("[\ud800-\udfff]")
# Brackets, and strings to be passed over; possessive, so that no input makes it backtrack.
_BRACKET_OR_STRING = r'[][{}]|"(?:[^"\\]++|\\.)*+"?'
_LONGEST_INTEGER = 400
_FIRST_EXPONENT = 7
_LEAST_PLAIN = 1e-4


def parse(data: Document, max_depth: int) -> object:
    """Return the value of a JSON document, or raise DecodeError.

    Raises:
        TypeError: If the document is neither text nor bytes.
    """
    text = _decode(data)
    if is_deep(text, max_depth):
        _fail("too_deep", f"expected at most {max_depth} levels, got more")
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        came = excerpt(text[error.pos : error.pos + 81]) if error.pos < len(text) else "the end"
        expected = "expected JSON as RFC 8259 has it"
        _fail("invalid_json", f"{expected}, got {came} at character {error.pos}")
    except RecursionError:
        # The caller's stack is nearly full, or its limit lower than max_depth.
        _fail("too_deep", "expected no more levels than the recursion limit has room for")


def _decode(data: object) -> str:
    if isinstance(data, str):
        return data
    if not isinstance(data, bytes | bytearray | memoryview):
        raise TypeError(f"expected str or bytes, got {excerpt(data)}")
    raw = bytes(cast("bytes", data))
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        came = excerpt(raw[error.start : error.end])
        _fail("invalid_utf8", f"expected UTF-8, got {came} at byte {error.start}")


def is_deep(text: str, max_depth: int) -> bool:
    """Tell whether arrays and objects nest deeper than allowed.

    Before parsing, for with a raised recursion limit the parser of CPython 3.11 overruns the C
    stack.
    """
    arrays, objects = text.count("["), text.count("{")
    if arrays + objects <= max_depth:
        return False
    # The brackets of most long documents are an array's items: what follows a comma or a [ is no
    # member of an object, so that each object is directly in an array.
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


def _constant(name: str) -> NoReturn:
    _fail("invalid_json", f"expected JSON as RFC 8259 has it, got {name}")


def parse_int(literal: str) -> float:
    """Return an integer, or an infinity: ECMAScript has doubles alone.

    Long ones are not made at all, for int takes quadratic time, or by default refuses.
    """
    return int(literal) if len(literal) <= _LONGEST_INTEGER else float(literal)


_DECODER = json.JSONDecoder(parse_constant=_constant, parse_int=parse_int)


def _fail(code: ProblemCode, message: str) -> NoReturn:
    raise DecodeError([Problem("", code, f"payload: {message}")]) from None


def escape_surrogates(document: str) -> str:
    """Return a document with its surrogates escaped, as well-formed ``JSON.stringify`` does.

    A JobStatus holds no others than lone ones, and a document no others than its strings do.
    """
    try:
        document.encode()  # much quicker than the search, and most documents have none
    except UnicodeEncodeError:
        return _SURROGATE.sub(lambda lone: f"\\u{ord(lone[0]):04x}", document)
    return document


def format_fraction(number: float) -> str:
    """Return a number between 0 and 100 that is not whole as Number::toString writes it (ECMA-262).

    repr has the same digits, the shortest that read back, and another layout below 1e-4.
    """
    if number >= _LEAST_PLAIN:
        return repr(number)
    mantissa, _, exponent = repr(number).partition("e-")
    power = int(exponent)
    if power < _FIRST_EXPONENT:
        return f"0.{'0' * (power - 1)}{mantissa.replace('.', '')}"
    return f"{mantissa}e-{power}"
