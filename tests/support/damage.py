"""Damaged documents: valid ones with random changes, which may or may not make them invalid."""

from __future__ import annotations

from hypothesis import strategies as st

from jobstatus.strategies import json_documents
from tests.support.values import KEYS

_NAMES = st.sampled_from([f'"{key}"'.encode() for key in (*KEYS, "", "ID", "note", "__proto__")])
TOKENS = [
    *(bytes([byte]) for byte in b"{}[],:\"\\0123456789.eE+-truefalsn \t\r\n\0\x0b\x0c\x7f/'#"),
    *(bytes([byte]) for byte in (0x80, 0xBF, 0xC0, 0xC3, 0xED, 0xF0, 0xF4, 0xFF)),
    *(b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xc3\xa9", b"\xc0\x80", b"\xf4\x90\x80\x80"),
    *("\u00a0".encode(), "\u2028".encode(), b"\\u0061", b"\\ud83d", b"\\uDE00", b"\\x61"),
    *(b"null", b"true", b"NaN", b"-Infinity", b"1e400", b"-0", b"01", b"[]", b"{}", b"//", b"/**/"),
]
DAMAGES = ("cut", "flip", "leave out", "double", "insert", "replace")


@st.composite
def damaged_documents(draw: st.DrawFn) -> bytes:
    """Draw a spelling of a job, perhaps with a renamed key, with up to three faults."""
    document = draw(json_documents()).data
    if draw(st.booleans()):
        document = document.replace(draw(_NAMES), draw(_NAMES), 1)
    for _ in range(draw(st.integers(0, 3))):
        at, to = sorted(draw(st.integers(0, len(document))) for _ in range(2))
        token = draw(st.sampled_from(TOKENS))
        document = damage(document, draw(st.sampled_from(DAMAGES)), at, to, token)
    return document


def damage(data: bytes, kind: str, at: int, to: int, token: bytes) -> bytes:
    """Return a document with one fault."""
    match kind:
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
