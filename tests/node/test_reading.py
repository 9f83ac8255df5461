"""The library accepts the same documents as a strict reader in Node, with the same values."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from jobstatus import Codec, DecodeError
from jobstatus.strategies import (
    InvalidDocument,
    JsonDocument,
    invalid_documents,
    json_documents,
)
from tests.node import deviations
from tests.node.cases import times
from tests.node.peer import Fields, Peer
from tests.support.damage import damaged_documents


def check(peer: Peer, document: bytes) -> set[str]:
    """Check that Node and the library agree on a document; return the deviations that apply."""
    theirs = peer.read(document)
    applicable = set[str]()
    if theirs is not None:
        time = theirs.fields.estimated_completion
        applicable = deviations.of_document(document, theirs.written, time)
    try:
        ours = Codec().decode(document)
    except DecodeError as error:
        assert theirs is None or applicable, f"rejected without a deviation: {error}"
    else:
        assert theirs is not None
        assert Fields.of(ours) == theirs.fields
        assert not applicable
    return applicable


@times(1 / 2)
@given(document=damaged_documents())
def test_node_and_the_library_read_a_damaged_document_the_same(peer: Peer, document: bytes) -> None:
    """Its bytes are cut, flipped, doubled, inserted or replaced."""
    check(peer, document)


@times(1 / 2)
@given(document=json_documents() | invalid_documents())
def test_node_and_the_library_read_a_document_of_the_strategies_the_same(
    peer: Peer, document: JsonDocument | InvalidDocument
) -> None:
    """The document may be valid or invalid."""
    check(peer, document.data)


def deep(levels: int) -> str:
    """Return a payload with this many levels."""
    brackets = "[" * (levels - 1) + "]" * (levels - 1)
    return f'{{"id":"a","status":"queued","note":{brackets}}}'


def dated(value: object) -> str:
    """Return a payload with this date."""
    return json.dumps({"id": "a", "status": "queued", "estimatedCompletion": value})


DEVIATING = [
    (deviations.NESTING, deep(65)),
    (deviations.NESTING, '{"x":' * 65 + "0" + "}" * 64 + ',"id":"a","status":"queued"}'),
    (deviations.NESTING, f'{{"note":{"[" * 64}{"]" * 64},"note":0,"id":"a","status":"queued"}}'),
    ("a date and time without an offset", dated("2026-11-23T14:40:00")),
    ("`2026-02-30T00:00Z`, days that do not exist", dated("2026-02-30T00:00Z")),
    ("`2026-02-30T00:00Z`, days that do not exist", dated("2026-04-31")),
    ("years outside 0001 to 9999", dated("0000-12-31")),
    ("years outside 0001 to 9999", dated("+010000-01-01T00:00Z")),
    ("years outside 0001 to 9999", dated("9999-12-31T24:00Z")),
    ("a fraction of more than nine digits", dated("2026-11-23T14:40:00.1234567890Z")),
    ("RFC 2822 and other dates that `Date.parse` guesses", dated("Mon, 23 Nov 2026 14:40:00 GMT")),
    ("RFC 2822 and other dates that `Date.parse` guesses", dated("2026-11-23 14:40Z")),
    ("RFC 2822 and other dates that `Date.parse` guesses", dated("0001-13")),
    ("RFC 2822 and other dates that `Date.parse` guesses", dated("2026-11-23T14:40:00+0100")),
    (deviations.NUMBER, dated(1795444800000)),
    (deviations.NUMBER, dated(0)),
]


@pytest.mark.parametrize(("name", "document"), DEVIATING)
def test_only_the_library_rejects_a_documented_deviation(
    peer: Peer, name: str, document: str
) -> None:
    """Node accepts the document, and no other deviation applies."""
    assert check(peer, document.encode()) == {name}


def test_every_deviation_has_an_example() -> None:
    """No deviation is documented without an example."""
    assert {name for name, _ in DEVIATING} == {
        *deviations.DATES,
        deviations.NESTING,
        deviations.NUMBER,
    }


VALUES = rb"""
null true false nul True NULL undefined NaN Infinity -Infinity
0 -0 -0.0 0.0 0e0 0E+9 -0e9999 1 100 100.0 1e2 1E+2 1000e-1 0.1e3 101 100.5 -1 -1e-400 -5e-324
1e400 100.00000000000000001 100.00000000000001 99.999999999999999999 2e-324 3e-324 5e-324
1e-999999999
01 00 -01 +1 .5 1. 1.e1 1e 1e+ 1e-+1 0x10 1_0 1,0 - -- -a 1n Infinity1 \u0031
"" "a" '' 'a' "a "\" "\\" "\/" "\b\f\n\r\t" "\v" "\a" "\'" "\x41" "\u" "\u00" "\u004" "\u0041"
"\u00411" "\u00e9" "\u00E9" "\U00e9" "\u00g0" "\u+041" "\u-041" "\u 041" "\ud83d\ude00"
"\ude00\ud83d"
"\ud83d" "\ude00" "\ud83d\ud83d\ude00" "\uD83D\uDE00" "\ud83d\u0041" "\ud83d\\ude00" "\u0000"
"\uffff"
"\ufeff" "33" "2026-11-23" "2026-11-23T14:40:00.123Z" "queued" "proce\u0073sing"
"processing\u0000" "Queued"
[] [ ] [] ] [[ [1] [1,] [,1] [1,,2] [1 [1;2] {} { } {"a"} {"a":} {"a":1,} {a:1} {'a':1} {"a":1
{1:1} {"a":1,"a":2} {"id":"b"} {"__proto__":1} /**/1 //1 #1 1/**/ (1) 1;
""".split()
MORE_VALUES = [
    *(b'"%c"' % byte for byte in range(256)),
    *(b"1%c" % byte for byte in range(256)),
    *(b"%c1" % byte for byte in range(256)),
    *(b'"' + text + b'"' for text in (b"\xc3\xa9", b"\xc0\xaf", b"\xc1\xbf", b"\xe0\x80\xaf")),
    *(b'"' + text + b'"' for text in (b"\xed\x9f\xbf", b"\xed\xa0\x80", b"\xed\xbf\xbf")),
    *(b'"' + text + b'"' for text in (b"\xee\x80\x80", b"\xef\xbf\xbe", b"\xf0\x8f\xbf\xbf")),
    *(
        b'"' + text + b'"'
        for text in (b"\xf0\x9f\x98\x80", b"\xf4\x8f\xbf\xbf", b"\xf4\x90\x80\x80")
    ),
    *(
        b'"' + text + b'"'
        for text in (b"\xf5\x80\x80\x80", b"\xf0\x9f\x98", b"\xf8\x88\x80\x80\x80")
    ),
    *(b"9" * digits for digits in (308, 309, 400, 401, 4300, 4301, 100_000)),
    *(b"-" + b"9" * digits for digits in (400, 401, 4301)),
    *(b"1" + b"0" * zeros + b"e-%d" % zeros for zeros in (2, 307, 400, 5000)),
    *(b"0." + b"0" * zeros + b"1" for zeros in (6, 322, 323, 324, 5000)),
    b"1e" + b"9" * 5000,
    b"0e" + b"9" * 5000,
    b'"' + b"a" * 100_000 + b'"',
]


@pytest.mark.parametrize(
    "key", ["id", "status", "progress", "estimatedCompletion", "error", "note"]
)
def test_node_and_the_library_read_any_value_of_a_key_the_same(peer: Peer, key: str) -> None:
    """Values of every kind, right and wrong, first and between other members."""
    for value in VALUES + MORE_VALUES:
        for form in (
            b'{"id":"a","status":"queued","%b":%b}',
            b'{"%b" : %b , "note":0,"id":"a","status":"queued"}',
        ):
            check(peer, form % (key.encode(), value))


DOCUMENTS = rb"""
{"id":"a","status":"queued"} {"status":"queued","id":"a"} {"id":"a"} {"status":"queued"} {} [] "" 0
null [{"id":"a","status":"queued"}] "{\"id\":\"a\",\"status\":\"queued\"}"
{"id":"a","status":"queued"}{} {"id":"a","status":"queued"}, {"id":"a","status":"queued"};
{"id":"a","status":"queued",} {,"id":"a","status":"queued"} {"id":"a",,"status":"queued"}
{"id":"a""status":"queued"} {"id":"a","status":"queued" {"id":"a","status":"queued
{"id":"a","status":"queued"}} {{"id":"a","status":"queued"}} {"\u0069d":"a","st\u0061tus":"queued"}
{"id":"a","status":"queued","id":"b"} {"id":1,"id":"b","status":"queued"}
{"id":"a","id":1,"status":"queued"} {"id":"a","status":"queued","progress":1,"progress":null}
{"id":"a","status":"queued","progress":null,"progress":1} {"ID":"a","status":"queued"}
{"id":"a","status":"queued","":0} {"__proto__":{"id":"a","status":"queued"}}
{"__proto__":{"error":1},"id":"a","status":"queued"}
{"id":"a","status":"queued","constructor":0,"toString":0,"hasOwnProperty":0}
{"id":"a","status":"toString"} {"id":"a","status":"queued","estimated_completion":"2026"}
{"id":"a","status":"queued","EstimatedCompletion":"x"}
""".split()


def test_node_and_the_library_read_any_shape_of_a_document_the_same(peer: Peer) -> None:
    """Members are missing, doubled, renamed or misplaced, with any byte before or after."""
    for document in DOCUMENTS:
        check(peer, document)
        for byte in range(256):
            check(peer, bytes([byte]) + document)
            check(peer, document + bytes([byte]))
            check(peer, document.replace(b":", b":%c" % byte, 1))
        for mark in (
            b"\xef\xbb\xbf",
            b"\xfe\xff",
            b"\xff\xfe",
            "\u00a0".encode(),
            "\u2028".encode(),
        ):
            check(peer, mark + document)
            check(peer, document + mark)
        for encoding in ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"):
            check(peer, document.decode().encode(encoding))


def test_node_and_the_library_read_a_document_with_one_damaged_byte_the_same(peer: Peer) -> None:
    """The document ends there, or that byte is missing, doubled or has one flipped bit."""
    document = (
        '{"id":"caf\u00e9 \\u0000\\ud800","status":"processing","progress":33.333333333333336,'
        '"estimatedCompletion":"2026-11-23T14:40:00.123Z","error":"\U0001f600"}'
    ).encode()
    for at in range(len(document) + 1):
        head, byte, tail = document[:at], document[at : at + 1], document[at + 1 :]
        for damaged in (head, head + tail, head + byte * 2 + tail):
            check(peer, damaged)
        for bit in range(8):
            check(peer, head + bytes(value ^ (1 << bit) for value in byte) + tail)


@pytest.mark.parametrize("levels", [1, 2, 63, 64, 65, 66, 500, 501, 5_000])
def test_node_and_the_library_read_up_to_64_levels_the_same(peer: Peer, levels: int) -> None:
    """The closing brackets may be missing or of the wrong kind."""
    assert check(peer, deep(levels).encode()) == ({deviations.NESTING} if levels > 64 else set())
    check(peer, deep(levels)[:-1].encode())
    check(peer, deep(levels).replace("]", "}").encode())
