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
from jobstatus._untrusted import as_dict, as_str, excerpt
from jobstatus._wire import _json
from jobstatus._wire._policy import DEFAULT_POLICY, MAX_DEPTH
from jobstatus.errors import Fault
from jobstatus.validators import check_text

_STRING_OR_BLANK: Final = re.compile(rf'("(?:[^"\\]++|\\.)*+")|[{_json.BLANK}]++')


def _freeze(texts: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(texts))


@final
@attrs.frozen
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


def _finite_int(literal: str) -> int | None:
    return int(literal) if math.isfinite(float(literal)) else None


_PARSER: Final = json.JSONDecoder(
    parse_float=cast("Any", _finite), parse_int=cast("Any", _finite_int)
)


def read_source(text: str, begin: int) -> Extra | None:
    """Return the unknown members of an object in a valid document, or None if it has none.

    Args:
        text: The document.
        begin: The position of the object, or of white space before it.
    """
    texts: dict[str, str] = {}
    for key, start, end in _json.scan_members(text, begin):
        if key not in KEYS:
            minified = _STRING_OR_BLANK.sub(_string_alone, text[start:end])
            texts[_join_pairs(key)] = _normalize(minified)
    return Extra(texts) if texts else None


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
    if _is_large(value):
        message = f"expected at most {_json.MAX_DOCUMENT} characters of JSON, got more"
        return Fault(("out_of_range", message, None))
    too_deep = Fault(("too_deep", f"expected at most {max_depth} nested levels, got more", None))
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    except RecursionError:
        return too_deep
    except Exception:  # noqa: BLE001 - NaN, a type without JSON, an untrusted subclass of dict
        return Fault(("wrong_type", f"expected a JSON value, got {excerpt(value)}", None))
    text = _normalize(text)
    return too_deep if _json.is_deep(text, max_depth - 1) else text


def _is_large(value: object) -> bool:
    """Return whether a value with shared parts, as YAML's aliases make them, is too large."""
    size, rest = 0, [value]
    while rest and size <= _json.MAX_DOCUMENT:
        item = rest.pop()
        size += 1
        if type(item) is str:
            size += len(item)
        elif type(item) is list or type(item) is tuple:
            rest += cast("list[object]", item)
        elif type(item) is dict:
            members = cast("dict[object, object]", item)
            rest += members.keys()
            rest += members.values()
    return size > _json.MAX_DOCUMENT


def dump_member(key: object, value: object, max_depth: int) -> tuple[str, str] | Fault:
    """Return a key and the JSON text of its value, or a Fault."""
    name = as_str(key)
    if name is None or name in KEYS:
        message = f"expected a key that the interface does not have, got {excerpt(key)}"
        return Fault(("wrong_type", message, None))
    text = dump(value, max_depth)
    return text if isinstance(text, Fault) else (_join_pairs(name), text)


def check_extra(value: object) -> Extra | Fault | None:
    """Return the members in a mapping of keys to values, or a Fault."""
    if type(value) is Extra:
        return value
    if (members := as_dict(value)) is None:
        return Fault(("wrong_type", f"expected a mapping, got {excerpt(value)}", None))
    texts: list[tuple[str, str]] = []
    for key, member in members.items():
        item = dump_member(key, member, DEFAULT_POLICY.max_depth)
        if isinstance(item, Fault):
            return item
        texts.append(item)
    return Extra(dict(texts)) if texts else None


def parse_texts(texts: Mapping[str, str]) -> Extra | None:
    """Return the members with JSON texts that may be forged, such as those in a pickle.

    Raises:
        DecodeError: If a text is not JSON.
    """
    members = ",".join(f"{encode_basestring(key)}:{text}" for key, text in texts.items())
    document = f"{{{members}}}"
    _json.parse(document, MAX_DEPTH)
    return read_source(document, 0)
