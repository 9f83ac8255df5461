"""Generate and change inputs word by word, because random bytes seldom become a key or a date."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from tests.support.judge import HEAD, Case

# The words of JSON, and the characters of its strings and dates.
TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[-+.0-9Ee]+|[A-Za-z]+|.', re.DOTALL)
CHARACTER = re.compile(rb"\\u[0-9A-Fa-f]{4}|[\x80-\xff]+|.", re.DOTALL)
VALUES = (
    *(b"null", b"true", b"NaN", b"-Infinity", b"{}", b"[]", b"[{}]", b'""', b'"a"', b'"queued"'),
    *(b"0", b"-0", b"0.5", b"1e2", b"12e-7", b"0.00001", b"100.1", b"1e400", b"9" * 401),
    *(b'"33.30"', b'"1e1"', b'" 5"', b'"101"', b"1763908800123", b"-62135596800000.5"),
    *(b"9007199254740991", b"9007199254740992", b"-7.0", b'"canceled"'),
    *(b'"\\ud83d\\ude00"', b'"\\ud83d"', b'"\xf0\x9f\x98\x80"', b'"\xed\xa0\xbd\xed\xb8\x80"'),
)
TOKENS = (*VALUES, b"[", b"{", b"]", b"}", b",", b":", b"\n", b"},{", b"}\n{", b'"x":', b"\x1e")
CHARACTERS = (
    *(b"\0", b"\\u0000", b"\\ud83d", b"\\ude00", b"\\u0069", b'"', b"\\", b"~", b"/", b"\x7f"),
    *(b"\xef\xbb\xbf", b"\xed\xa0\xbd", b"\xed\xb8\x80", b"\xc3\xa9", b"\xd9\xa0", b"\xff"),
    *(b"\r", b"\n", b" ", b"+", b"-", b".", b",", b":", b"T", b"Z", b"W", b"0", b"6", b"9"),
)
# The first value of each is the ordinary one.
STATES = (b'"queued"', b'"processing"', b'"completed"', b'"failed"', b'"cancelled"', b'"paused"')
PARTS = (
    (b"2026", b"2024", b"0001", b"9999", b"0000", b"+002026", b"-000000"),
    *((b"-", b""), (b"11", b"01", b"02", b"12", b"13"), (b"-", b"")),
    *((b"23", b"01", b"29", b"30", b"31"), (b"T", b" ", b""), (b"14", b"00", b"23", b"24", b"25")),
    *((b":", b""), (b"40", b"00", b"59", b"60"), (b":", b""), (b"00", b"59", b"60", b"")),
    *((b".", b",", b""), (b"123", b"000", b"12\\u0000", b"12\0", b"1", b"123456789", b"")),
    (b"Z", b"+00:00", b"-23:59", b"+24:00", b"+00:60", b"+0530", b"z", b""),
)


def ordinary_or_not(values: Sequence[bytes], chance: Random) -> bytes:
    """Return the first of these values in 7 of 8 calls, and otherwise any."""
    return values[0] if chance.randrange(8) else chance.choice(values)


def make_date(chance: Random) -> bytes:
    """Return a date with mostly ordinary parts."""
    return b"".join(ordinary_or_not(part, chance) for part in PARTS)


def make_object(chance: Random) -> bytes:
    """Return an object with mostly ordinary members."""
    members = {
        b"id": b'"a"',
        b"status": chance.choice(STATES),
        b"progress": b"40",
        b"estimatedCompletion": b'"' + make_date(chance) + b'"',
        b"error": b'"x"',
        chance.choice((b"k" * 81, b"x~/", b"\\u0069d")): b"1",
    }
    return b"{%s}" % b",".join(
        b'"%s":%s' % (key, ordinary_or_not((value, *VALUES), chance))
        for key, value in members.items()
        if chance.randrange(4)
    )


def make(surface: str, chance: Random) -> bytes:
    """Return mostly ordinary data for a surface."""
    if surface == "date":
        return make_date(chance)
    objects = [make_object(chance) for _ in range(chance.choice((1, 2, 3)))]
    if surface in {"bytes", "text"}:
        return objects[0]
    is_array = surface == "array" or (surface == "stream" and chance.randrange(2))
    return b"[%s]" % b",".join(objects) if is_array else b"\n".join(objects)


def change(data: bytes, chance: Random) -> bytes:
    """Return data with some words removed, moved or replaced."""
    pattern, others = chance.choice(((TOKEN, TOKENS), (CHARACTER, CHARACTERS)))
    words = pattern.findall(data)
    at, source = chance.randint(0, len(words)), chance.randint(0, len(words))
    own = words[source : source + chance.randint(0, 4)]
    words[at : at + chance.randint(0, 3)] = own if chance.randrange(2) else [chance.choice(others)]
    return b"".join(words)


def mutate(given: bytes, chance: Random) -> bytes:
    """Return an input that is generated or has up to three changes."""
    case = Case.from_input(given if chance.randrange(8) else chance.randbytes(HEAD) + given[HEAD:])
    data = case.data if chance.randrange(4) else make(case.surface, chance)
    for _ in range(chance.randrange(3)):
        data = change(data, chance)
    return case._replace(data=data).to_input()
