"""Documents near the contract: valid ones that were damaged, and others that a grammar makes."""

from __future__ import annotations

import json

from hypothesis import strategies as st

from jobstatus import JobState
from tests.laws.values import KEYS, arguments, characters
from tests.node.near_dates import near_dates

_TOKENS = [
    *(bytes([byte]) for byte in b"{}[],:\"\\0123456789.eE+-truefalsn \t\r\n\0\x0b\x0c\x7f/'#"),
    *(bytes([byte]) for byte in (0x80, 0xBF, 0xC0, 0xC3, 0xED, 0xF0, 0xF4, 0xFF)),
    *(b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xc3\xa9", b"\xc0\x80", b"\xf4\x90\x80\x80"),
    *("\u00a0".encode(), "\u2028".encode(), b"\\u0061", b"\\ud83d", b"\\uDE00", b"\\x61"),
    *(b"null", b"true", b"NaN", b"-Infinity", b"1e400", b"-0", b"01", b"[]", b"{}", b"//", b"/**/"),
]
_DAMAGES = ("cut", "flip", "leave out", "double", "insert", "replace")


@st.composite
def damaged_documents(draw: st.DrawFn) -> bytes:
    """A payload with its members moved or given to other keys, then with up to three faults."""
    payload = dict(draw(arguments()).job().to_payload())
    keys = [*payload, *draw(st.lists(st.sampled_from(["", "ID", "note", "__proto__"]), max_size=2))]
    values = [payload.get(key, key) for key in keys]
    if draw(st.booleans()):
        order = draw(st.permutations(range(len(keys))))
        values = [values[at] for at in order]
        if draw(st.integers(0, 3)) < 3:  # else the values alone are moved
            keys = [keys[at] for at in order]
    members = (
        f"{json.dumps(key)}:{json.dumps(value, ensure_ascii=_is_odd(value))}"
        for key, value in zip(keys, values, strict=True)
    )
    document = f"{{{','.join(members)}}}".encode()
    for _ in range(draw(st.integers(0, 3))):
        at, to = sorted(draw(st.integers(0, len(document))) for _ in range(2))
        token = draw(st.sampled_from(_TOKENS))
        document = _damage(document, draw(st.sampled_from(_DAMAGES)), at, to, token)
    return document


def _is_odd(value: object) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in str(value))


def _damage(data: bytes, damage: str, at: int, to: int, token: bytes) -> bytes:
    match damage:
        case "cut":
            return data[:at]
        case "flip":
            return (
                data[:at]
                + bytes(byte ^ (1 << to % 8) for byte in data[at : at + 1])
                + data[at + 1 :]
            )
        case "leave out":
            return data[:at] + data[to:]
        case "double":
            return data[:to] + data[at:]
        case "insert":
            return data[:at] + token + data[at:]
        case _:
            return data[:at] + token + data[at + 1 :]


_NUMBERS = [
    *rb"0 40 100 33.333333333333336 1e2 1E+2 0.1e3 1e-7 5e-324 2e-324 -0 -0.0 -0e5 0e9999".split(),
    *rb"99.99999999999999999999 100.00000000000000001 100.00000000000001 -5e-324 -1e-400".split(),
    *(b"101", b"-1", b"1e400", b"1" * 401, b"9" * 4301, b"1" + b"0" * 400 + b"e-399"),
    b"0." + b"0" * 400 + b"1",
]
_NO_NUMBERS = rb"01 +1 .5 1. 1e 1e+ 0x10 1_0 --1 - NaN Infinity -Infinity 1n 1,0".split()
_LITERALS = [b"null", b"true", b"false"]
_NO_LITERALS = [b"None", b"True", b"nul", b"undefined", b""]
_NO_CHARACTERS = [
    *(b"\\", b"\\x41", b"\\u12", b"\\u12G4", b"\\u+123", b"\\U0041", b"\\'", b"\n", b"\t", b"\x1f"),
    *(b"\xff", b"\xc3", b"\xc0\xaf", b"\xed\xa0\x80"),
]
_texts = st.lists(characters, max_size=6).map("".join)


class _Writer:
    """Writes JSON by its grammar (RFC 8259), and now and then by none.

    One piece in so many is wrong: `care`. Zero is a piece as it should be, to which cases shrink.
    """

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self._care = draw(st.sampled_from([40, 15]))
        self._is_spaced = draw(st.booleans())
        self._is_escaped = draw(st.booleans())

    def _slips(self) -> bool:
        return self._draw(st.integers(0, self._care)) == self._care

    def _choose(self, good: list[bytes], bad: list[bytes]) -> bytes:
        return self._draw(st.sampled_from(bad if self._slips() else good))

    def blank(self) -> bytes:
        if not self._is_spaced:
            return b""
        good = [b"", b"", b"", b" ", b"\t", b"\n", b"\r", b" \r\n"]
        return self._choose(good, ["\u00a0".encode(), b"\x0b", b"\xef\xbb\xbf", b"/**/", b"\0"])

    def string(self, text: str) -> bytes:
        """Spell a string in one of its many ways."""
        if not self._is_escaped:
            return json.dumps(text).encode()
        spelled = b"".join(map(self._character, text))
        return self._choose([b'"'], [b"'", b""]) + spelled + self._choose([b'"'], [b"", b'""'])

    def _character(self, character: str) -> bytes:
        if self._slips():
            return self._draw(st.sampled_from(_NO_CHARACTERS))
        units = character.encode("utf-16-be", "surrogatepass").hex()
        pairs = [units[at : at + 4] for at in range(0, len(units), 4)]
        escaped = "".join(f"\\u{unit}" for unit in pairs).encode()
        forms = [
            escaped,
            escaped.upper().replace(b"\\U", b"\\u"),
            json.dumps(character)[1:-1].encode(),
        ]
        if character == "/":
            forms.append(b"\\/")
        if character >= " " and character not in '"\\' and not _is_odd(character):
            forms.extend([character.encode()] * 3)
        return self._draw(st.sampled_from(forms))

    def number(self) -> bytes:
        """Spell a number, which need not be one of the contract."""
        return self._choose(_NUMBERS, _NO_NUMBERS)

    def value(self, depth: int = 0) -> bytes:
        """Spell any value."""
        match self._draw(st.integers(0, 5 if depth < 2 else 3)):
            case 0:
                return self._choose(_LITERALS, _NO_LITERALS)
            case 1:
                return self.string(self._draw(st.text(max_size=3)))
            case 2:
                return self.number()
            case 3:
                return self._deep()
            case 4:
                length = self._draw(st.integers(0, 2))
                items = [self._around(self.value(depth + 1)) for _ in range(length)]
                return b"[" + self._join(items) + b"]"
            case _:
                return self.object([("x", self.value(depth + 1)), ("", self.value(depth + 1))])

    def _deep(self) -> bytes:
        levels = self._draw(st.sampled_from([1, 2, 62, 63, 64, 65, 300]))
        opened, closed = self._draw(
            st.sampled_from([(b"[", b"]"), (b'{"[":', b"}"), (b'["]",', b"]")])
        )
        inner = b"[]" if closed == b"]" else b"0"
        return opened * (levels - 1) + inner + closed * (levels - 1)

    def object(self, members: list[tuple[str, bytes]]) -> bytes:
        """Spell an object."""
        spelled = [
            self._around(self.string(key)) + b":" + self._around(value) for key, value in members
        ]
        return b"{" + self._join(spelled) + self._choose([b"}"], [b"", b",}", b"]", b"}}"])

    def _around(self, piece: bytes) -> bytes:
        return self.blank() + piece + self.blank()

    def _join(self, pieces: list[bytes]) -> bytes:
        return self._choose([b","], [b"", b",,", b";"]).join(pieces)

    def member(self, key: str) -> bytes:
        """Spell the value of a key: mostly of its own kind."""
        if self._slips():
            return self.value()
        match key:
            case "status":
                bad = ["Queued", "canceled", "", "queued ", "done", "\u017fucceeded"]
                return self.string(
                    self._draw(st.sampled_from(bad if self._slips() else list(JobState)))
                )
            case "progress":
                return self.number()
            case "estimatedCompletion":
                return self.string(self._draw(near_dates()))
            case "id" | "error":
                return self.string(self._draw(_texts))
            case _:
                return self.value()

    def document(self) -> bytes:
        """Spell a payload, with members that are twice there or unknown."""
        optional = [*KEYS[2:], *KEYS[2:], *KEYS[:2], "note", "__proto__", "Id"]
        keys = ["id", "status", *self._draw(st.lists(st.sampled_from(optional), max_size=4))]
        if self._slips():
            keys.pop(0)
        keys = self._draw(st.permutations(keys))
        document = self._around(self.object([(key, self.member(key)) for key in keys]))
        return self._choose([document], [document + b"0", b"[%b]" % document, document * 2, b""])


@st.composite
def made_documents(draw: st.DrawFn) -> bytes:
    """A payload in one of its many spellings, mostly."""
    return _Writer(draw).document()
