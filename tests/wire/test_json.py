"""The library reads JSON as JSON.parse does, and writes it as JSON.stringify does."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import time
from math import nextafter
from typing import Any
from unittest.mock import Mock

import pytest

from jobstatus import Codec, DecodeError, JobStatus
from jobstatus._wire import _json
from jobstatus._wire._json import is_deep, parse


def code(data: bytes | str, max_depth: int = 64) -> str:
    """Return the code of the only problem in a document."""
    with pytest.raises(DecodeError) as refused:
        parse(data, max_depth)
    (problem,) = refused.value.problems
    assert problem.pointer == ""
    assert len(problem.message) < 250
    return problem.code


@pytest.mark.parametrize(
    ("document", "value"),
    [
        (' \t\r\n{"a" : [1, -2.5e3, true, null]}\n', {"a": [1, -2500.0, True, None]}),
        ('"\\ud83d\\ude00\\u0000\\/\x7f\u2028"', "\U0001f600\0/\x7f\u2028"),
        ('"\\ud800"', "\ud800"),
        ('{"a": 1, "a": 2}', {"a": 2}),
        ("1e400", float("inf")),
        ("-0", 0),
        ("1" * 400, int("1" * 400)),
        ("1" * 401, float("inf")),
        ("1" * 5000, float("inf")),
        ("-" + "1" * 5000, float("-inf")),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_valid_json_gives_the_values_of_json_parse(document: str, value: object) -> None:
    """The last duplicate key wins, and numbers are doubles, however many digits they have."""
    assert parse(document, 64) == value
    assert parse(document.encode(), 64) == value
    assert parse(bytearray(document.encode()), 64) == value
    assert parse(memoryview(document.encode()), 64) == value


@pytest.mark.parametrize(
    "document",
    [
        "",
        " ",
        "{",
        '{"a":1',
        '{"a":1,}',
        "{'a':1}",
        "{a:1}",
        "[1,]",
        "[1] 2",
        "{} {}",
        "NaN",
        "[Infinity]",
        "[-Infinity]",
        "nan",
        "01",
        "1.",
        ".5",
        "+1",
        "-",
        "0x10",
        "1_000",
        "\u0661",
        "True",
        "undefined",
        '"\t"',
        '"\\x41"',
        '"\\u12"',
        '"',
        "\ufeff{}",
        "\u00a0{}",
        "/* */{}",
        "\0",
        "]" * 1000 + "[" * 10,
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_documents_that_json_parse_rejects_are_rejected(document: str) -> None:
    """RFC 8259 forbids NaN, comments, trailing commas, trailing text and byte order marks."""
    assert code(document) == code(document.encode()) == "invalid_json"


@pytest.mark.parametrize(
    "data",
    [
        b"\xff",
        b'{"id":"\x80"}',
        b'"\xed\xa0\x80"',
        b'"\xc0\xaf"',
        b'"\xf4\x90\x80\x80"',
        b'"\xe2\x82',
        '{"id":"a"}'.encode("utf-16"),
    ],
)
def test_bytes_that_are_not_strict_utf_8_are_rejected(data: bytes) -> None:
    """Overlong forms, encoded surrogates, cut sequences and UTF-16 are invalid."""
    assert code(data) == "invalid_utf8"


def test_utf_16_without_a_byte_order_mark_is_rejected() -> None:
    """The reader never guesses an encoding, even if every second byte is zero."""
    assert code('{"id":"a"}'.encode("utf-16-le")) == "invalid_json"


@pytest.mark.parametrize("data", [None, 5, ["{}"], {"id": "a"}])
def test_only_text_and_bytes_are_read(data: object) -> None:
    """Any other type is a bug in the calling code, so it raises TypeError."""
    read: Any = parse
    with pytest.raises(TypeError, match=r"^expected str or bytes, got "):
        read(data, 64)


def test_the_depth_is_checked_before_the_syntax() -> None:
    """The limit is exact, and brackets in strings do not count."""
    assert parse("[" * 64 + "]" * 64, 64)
    assert code("[" * 65 + "]" * 65) == "too_deep"
    assert code('{"a":' * 65) == "too_deep"
    assert parse('"' + "[" * 100 + '"', 64) == "[" * 100
    assert parse('["\\"' + "[" * 100 + '\\\\"]', 64)
    assert parse("[" + "[]," * 1000 + "[]]", 2)
    assert code("[[]]", 1) == "too_deep"


@pytest.mark.parametrize(
    ("opening", "code"), [("[", "too_deep"), ('{"a":', "too_deep"), ('"\\', "invalid_json")]
)
def test_a_hundred_thousand_levels_are_rejected_under_any_recursion_limit(
    opening: str, code: str
) -> None:
    """This runs in a child process because unbounded recursion would crash the interpreter."""
    program = f"""
        import sys
        from jobstatus import DecodeError, JobStatus
        sys.setrecursionlimit(10**6)
        try:
            JobStatus.from_json({opening!r} * 100_000)
        except DecodeError as error:
            print(error.problems[0].code)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        check=False,
        text=True,
    )
    assert (done.returncode, done.stdout.strip()) == (0, code)


@pytest.mark.parametrize("limit", [100, 400, 1000])
def test_a_low_recursion_limit_gives_no_other_exception(limit: int) -> None:
    """The document is within the codec's limit, but deeper than this process can recurse."""
    program = f"""
        import sys
        from jobstatus import Codec, DecodeError
        codec = Codec(max_depth=500)
        codec.decode('{{"id":"a","status":"queued"}}')  # imports what it needs
        sys.setrecursionlimit({limit})
        try:
            codec.decode('{{"id":"a","status":"queued","x":' + "[" * 450 + "]" * 450 + "}}")
        except DecodeError as error:
            assert error.problems[0].code == "too_deep"
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_recursion_error_is_reported_as_too_deep(monkeypatch: pytest.MonkeyPatch) -> None:
    """CPython 3.11 raises it on a full stack, and the mock raises it on any version."""
    monkeypatch.setattr(_json, "_scan_short", Mock(side_effect=RecursionError))
    assert code("[]") == "too_deep"


@pytest.mark.parametrize(
    "document",
    [
        '{"id":"' + "x" * 10**8 + '","status":"queued"}',
        '{"id":"a","status":"' + "x" * 10**8 + '"}',
        '{"id":"a","status":"queued","x":"' + '\\"[' * 10**7 + '"}',
        '{"id":"a","status":"queued","x":"' + "[" * 10**7,
        '{"' + "x" * 10**8 + '":1}',
        "[" + "{}," * 10**6 + "{}]",
        "9" * 10**7,
    ],
    ids=["id", "status", "escapes", "open string", "key", "objects", "digits"],
)
def test_huge_documents_give_a_job_or_a_short_error(document: str) -> None:
    """Even a document of 100 MB must not take quadratic time."""
    result: JobStatus | DecodeError
    try:
        result = Codec(unknown_keys="reject").decode(document)
    except DecodeError as error:
        result = error
    assert isinstance(result, JobStatus) or len(str(result)) < 1000


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0"),
        (5e-324, "5e-324"),
        (2.2250738585072014e-308, "2.2250738585072014e-308"),
        (1.5e-10, "1.5e-10"),
        (1e-7, "1e-7"),
        (nextafter(1e-6, 0), "9.999999999999997e-7"),
        (1e-6, "0.000001"),
        (1.5e-6, "0.0000015"),
        (1.25e-5, "0.0000125"),
        (9.999e-5, "0.00009999"),
        (1e-4, "0.0001"),
        (0.1 + 0.2, "0.30000000000000004"),
        (1.0, "1"),
        (33.33333333333333, "33.33333333333333"),
        (99.99999999999999, "99.99999999999999"),
        (100.0, "100"),
    ],
)
def test_numbers_are_written_as_in_javascript(number: float, text: str) -> None:
    """Whole numbers have no fraction, and only numbers below 1e-6 have an exponent."""
    written = JobStatus("a", "queued", progress=number).to_json()
    assert written == f'{{"id":"a","status":"queued","progress":{text}}}'


@pytest.mark.parametrize(
    ("string", "text"),
    [
        ("", '""'),
        ('"\\/', '"\\"\\\\/"'),
        ("\b\t\n\f\r", '"\\b\\t\\n\\f\\r"'),
        ("\0\x01\x0b\x1f", '"\\u0000\\u0001\\u000b\\u001f"'),
        ("\x7f\x80\u2028\u2029\ufeff", '"\x7f\x80\u2028\u2029\ufeff"'),
        ("caf\u00e9 \U0001f600", '"caf\u00e9 \U0001f600"'),
        ("\ud800", '"\\ud800"'),
        ("\udfff\ud800x", '"\\udfff\\ud800x"'),
    ],
    ids=ascii,
)
def test_strings_are_escaped_as_json_stringify_escapes_them(string: str, text: str) -> None:
    """Only quotes, backslashes, controls and lone surrogates are escaped, in lower-case hex."""
    written = JobStatus(string, "failed", error=string).to_json()
    assert written == f'{{"id":{text},"status":"failed","error":{text}}}'


@pytest.mark.parametrize(
    ("document", "deep"),
    [
        ("[" + '{"a":"}"},' * 70 + "{}]", False),
        ("[" + '{"a": 1}, ' * 70 + "{}]", False),
        ("[" + '{"a":[]},' * 70 + "{}]", False),
        ("[" + '{"a":{}},' * 70 + "{}]", False),
        ("[" + '"{[",' * 70 + "{}]", False),
        ("[{},\n{}]" + " " * 70 + "{" * 60, False),
        ('["\\\n' + "[" * 70 + '"]', False),
        ('{"a":' * 65 + "1" + "}" * 65, True),
        ("[{}," * 65, True),
        ("[" * 33 + '{"a":' * 32, True),
        ('[{"a":1},' + '{"a":' * 64, True),
        ("[" + '{"a":"}"},' * 70 + '{"b":' * 64, True),
    ],
    ids=ascii,
)
def test_only_open_brackets_count_as_depth(document: str, deep: bool) -> None:  # noqa: FBT001 - the expected result
    """Closed brackets no longer count, and brackets in strings never do."""
    assert is_deep(document, 64) is deep


def test_the_depth_of_an_array_of_objects_is_known_without_a_scan() -> None:
    """Counting brackets is enough, with any spacing, if the document has few arrays."""

    def seconds(text: str) -> float:
        began = time.process_time()
        assert not is_deep(text, 64)
        return time.process_time() - began

    items = '{"a":[]},' * 31 + "{},{}, " * 50_000
    assert 5 * seconds(f"[{items}{{}}]") < seconds('[{"a":{}},' + items + "{}]")


def test_the_example_document_is_written_byte_for_byte() -> None:
    """Keys are in the interface's order, without spaces; dates have milliseconds and a Z."""
    document = (
        '{"id":"job-42","status":"processing","progress":40,'
        '"estimatedCompletion":"2026-11-23T14:40:00.123Z"}'
    )
    job = JobStatus.from_json(document)
    assert job.to_json() == document
    assert Codec().encode(job) == document.encode()
