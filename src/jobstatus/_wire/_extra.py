"""The members of a payload that the interface lacks, each as JSON text.

A text stays as it was read, except that white space outside strings is removed. So no number is
reformatted, and no large integer is rounded.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from json.encoder import encode_basestring
from types import MappingProxyType
from typing import Any, Final, cast, final

import attrs

from jobstatus._fields import KEYS
from jobstatus._untrusted import as_str, excerpt, is_a
from jobstatus._wire import _json
from jobstatus._wire._policy import DEFAULT_POLICY, MAX_DEPTH
from jobstatus.errors import Fault
from jobstatus.validators import check_text

_STRING_OR_BLANK: Final = re.compile(rf'("(?:[^"\\]++|\\.)*+")|[{_json.BLANK}]++', re.DOTALL)
_MAX_DIGITS: Final = 400  # longer integers take quadratic time, or raise


def _freeze(texts: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(texts))


@final
@attrs.frozen(unsafe_hash=False)
class Extra:
    """The members by key, in the order of their first appearance; never empty.

    Equality ignores the order, as that of dicts does.
    """

    texts: Mapping[str, str] = attrs.field(converter=_freeze)

    def to_values(self) -> dict[str, object]:
        """Return the parsed members, as new objects.

        A number beyond the range of floats is None, because ``JSON.stringify`` writes it as null.
        """
        return {key: _PARSER.decode(text) for key, text in self.texts.items()}

    def to_members(self) -> str:
        """Return the members as JSON, with a comma before each."""
        return "".join(f",{encode_basestring(key)}:{text}" for key, text in self.texts.items())

    def sort_key(self) -> list[tuple[str, str]]:
        """Return a key for sorting, which is equal for equal members."""
        return sorted(self.texts.items())


def _finite(literal: str) -> float | None:
    number = float(literal)
    return number if math.isfinite(number) else None


def _finite_int(literal: str) -> float | None:
    return int(literal) if len(literal) <= _MAX_DIGITS else _finite(literal)


_PARSER: Final = json.JSONDecoder(
    parse_float=cast("Any", _finite), parse_int=cast("Any", _finite_int)
)


def read_source(text: str, begin: int, max_depth: int) -> Extra:
    """Return the unknown members of an object in a valid document that has some.

    Args:
        text: The document.
        begin: The position of the object, or of white space before it.
        max_depth: As in `_json.parse`.
    """
    texts: dict[str, str] = {}
    for key, start, end in _json.scan_members(text, begin, max_depth):
        if key not in KEYS:
            minified = _STRING_OR_BLANK.sub(_string_alone, text[start:end])
            texts[_join_pairs(key)] = _normalize(minified)
    return Extra(texts)


def _string_alone(match: re.Match[str]) -> str:
    return match[1] or ""


def _join_pairs(text: str) -> str:
    return cast("str", check_text(text))


def _normalize(text: str) -> str:
    return text if text.isascii() else _json.escape_surrogates(_join_pairs(text))


def dump(value: object, max_depth: int) -> str | Fault:
    """Return a value as JSON text, or a Fault if it has none.

    Args:
        value: Any object.
        max_depth: The maximum nesting depth of the object that has the member.
    """
    too_deep = Fault(("too_deep", f"expected at most {max_depth} nested levels, got more", None))
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    except RecursionError:
        return too_deep
    except Exception:  # noqa: BLE001 - NaN, a type without JSON, an untrusted subclass of dict
        return Fault(("wrong_type", f"expected a JSON value, got {excerpt(value)}", None))
    text = _normalize(text)
    return too_deep if _json.is_deep(text, max_depth - 1) else text


def check_extra(value: object) -> Extra | Fault | None:
    """Return the members in a mapping of keys to values, or a Fault."""
    if type(value) is Extra:
        return value
    if not is_a(value, Mapping):  # type: ignore[type-abstract]  # issubclass accepts an abstract class
        return Fault(("wrong_type", f"expected a mapping, got {excerpt(value)}", None))
    texts: dict[str, str] = {}
    for key, member in dict(cast("Mapping[object, object]", value)).items():
        name = as_str(key)
        if name is None or name in KEYS:
            message = f"expected keys that the interface does not have, got {excerpt(key)}"
            return Fault(("wrong_type", message, None))
        text = dump(member, DEFAULT_POLICY.max_depth)
        if isinstance(text, Fault):
            return text
        texts[_join_pairs(name)] = text
    return Extra(texts) if texts else None


def parse_texts(texts: Mapping[str, str]) -> Extra:
    """Return the members with JSON texts that may be forged, such as those in a pickle.

    Raises:
        DecodeError: If a text is not JSON.
    """
    members = ",".join(f"{encode_basestring(key)}:{text}" for key, text in texts.items())
    document = f"{{{members}}}"
    _json.parse(document, MAX_DEPTH)
    return read_source(document, 0, MAX_DEPTH)
