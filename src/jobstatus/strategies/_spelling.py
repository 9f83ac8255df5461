"""The ways to write one JSON object (RFC 8259), as tokens that a strategy can also damage."""

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import final

import attrs
from hypothesis import strategies as st

_BLANKS = st.sampled_from(["", " ", "\n", "\t", "\r\n", "  "])
_ZEROS = st.sampled_from(["0", "0.0", "-0", "-0.0", "0e0", "0E+5", "0.00e-9", "0e9999"])
_FORMS = st.sampled_from(["whole", "plain", "every digit", "exponent"])
_STYLES = st.sampled_from(["shortest", "escaped", "mixed"])
_MARKS = st.sampled_from("eE")
_SIGNS = st.sampled_from(["", "+"])
_LEADING = st.sampled_from(["", "0"])
_SHORT = dict(zip('"\\/\b\f\n\r\t', '"\\/bfnrt', strict=True))


@final
@attrs.frozen
class Verbatim:
    """A value that is written unchanged."""

    text: str


@final
class Speller:
    """Draw the spelling of a document; the simplest is that of ``JSON.stringify``."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self._is_spaced = draw(st.booleans())
        self._is_escaped = draw(st.booleans())
        self._is_respelled = draw(st.booleans())

    def members(self, members: Iterable[tuple[str, object]]) -> list[str]:
        """Return the tokens of an object with these members, in this order."""
        tokens: list[str] = []
        for key, value in members:
            tokens += [","] if tokens else []
            tokens += [*self.blank(), self.string(key), *self.blank(), ":"]
            tokens += [*self.blank(), self.value(value), *self.blank()]
        return [*self.blank(), "{", *(tokens or self.blank()), "}", *self.blank()]

    def blank(self) -> list[str]:
        """Return the whitespace between two tokens, as a list of at most one item."""
        return [blank] if self._is_spaced and (blank := self._draw(_BLANKS)) else []

    def value(self, value: object) -> str:
        """Return a value as one token."""
        match value:
            case Verbatim(text=text):
                return text
            case str():
                return self.string(value)
            case int() | float() if not isinstance(value, bool):
                return self.number(value)
            case _:
                return json.dumps(value, separators=None if self._is_spaced else (",", ":"))

    def string(self, text: str) -> str:
        """Return a string, with unnecessary escapes in some styles."""
        style = self._draw(_STYLES) if self._is_escaped else "shortest"
        return f'"{"".join(self._character(character, style) for character in text)}"'

    def _character(self, character: str, style: str) -> str:
        forms = _escapes(character)
        match style:
            case "shortest":
                return forms[0]
            case "escaped":
                return forms[-1]
            case _:
                return self._draw(st.sampled_from(forms))

    def number(self, value: float) -> str:
        """Return a number in decimal, with or without an exponent."""
        form = self._draw(_FORMS) if self._is_respelled else "whole"
        if form == "whole":
            return json.dumps(int(value) if value == int(value) else value)
        if not value:
            return self._draw(_ZEROS)
        exact = Decimal(value) if form == "every digit" else Decimal(repr(value))
        if form == "plain":
            return f"{exact:f}"
        sign, digits, exponent = exact.as_tuple()
        return "-" * sign + self._scientific("".join(map(str, digits)), int(exponent))

    def _scientific(self, digits: str, exponent: int) -> str:
        power = exponent + len(digits)
        digits = digits.rstrip("0") + "0" * self._draw(st.integers(0, 3))
        point = self._draw(st.sampled_from([1, 0, *range(2, min(len(digits), 5) + 1)]))
        mantissa = (digits[:point] or "0") + f".{digits[point:]}".removesuffix(".")
        power -= point
        if power == 0:
            return mantissa
        mark = self._draw(_MARKS) + ("-" if power < 0 else self._draw(_SIGNS))
        return f"{mantissa}{mark}{self._draw(_LEADING)}{abs(power)}"


def _escapes(character: str) -> list[str]:
    units = character.encode("utf-16-be", "surrogatepass").hex()
    escaped = [f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4)]
    forms = ["".join(escaped), "".join(f"\\u{unit[2:].upper()}" for unit in escaped)]
    if character in _SHORT:
        forms.insert(0, f"\\{_SHORT[character]}")
    if character >= " " and character not in '"\\' and not "\ud800" <= character <= "\udfff":
        forms.insert(0, character)
    return forms
