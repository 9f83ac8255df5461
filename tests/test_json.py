"""JSON is read as JSON.parse reads it, and written as JSON.stringify writes it."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import time
from math import nextafter
from typing import Any, NoReturn
from unittest.mock import Mock

import pytest

from jobstatus import Codec, DecodeError, JobStatus, _json
from jobstatus._json import is_deep, parse


def code(data: bytes | str, max_depth: int = 64) -> str:
    """Return the code of the one problem of a document."""
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
def test_json_is_read_as_json_parse_reads_it(document: str, value: object) -> None:
    """The last of duplicate keys wins, and numbers are doubles, however long they are written."""
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
def test_what_json_parse_refuses_is_refused(document: str) -> None:
    """RFC 8259 has no NaN, no comments, no trailing commas or text, no byte order mark."""
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
def test_bytes_are_strict_utf_8(data: bytes) -> None:
    """Overlong forms, encoded surrogates, truncated sequences and UTF-16 are refused."""
    assert code(data) == "invalid_utf8"


def test_utf_16_without_a_mark_is_not_guessed() -> None:
    """Zero bytes between the letters are no reason to guess another encoding."""
    assert code('{"id":"a"}'.encode("utf-16-le")) == "invalid_json"


@pytest.mark.parametrize("data", [None, 5, ["{}"], {"id": "a"}])
def test_only_text_and_bytes_are_read(data: object) -> None:
    """Anything else is the caller's error, and no payload's."""
    read: Any = parse
    with pytest.raises(TypeError, match=r"^expected str or bytes, got "):
        read(data, 64)


def test_nesting_is_counted_before_parsing() -> None:
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
def test_a_hundred_thousand_levels_are_refused_whatever_the_recursion_limit(
    opening: str, code: str
) -> None:
    """In a process of its own, for a parser that recursed so deep would end it."""
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
def test_a_low_recursion_limit_is_no_other_exception(limit: int) -> None:
    """The deepest that a codec may allow, in a process that allows less."""
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


def test_a_full_stack_is_too_deep(monkeypatch: pytest.MonkeyPatch) -> None:
    """What CPython 3.11 raises there, on any CPython."""

    def full(_: str) -> NoReturn:
        raise RecursionError

    monkeypatch.setattr(_json, "_DECODER", Mock(decode=full))
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
def test_huge_documents_are_read_or_refused_in_linear_time(document: str) -> None:
    """A hundred megabytes end in a job or a short error."""
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
def test_numbers_are_written_as_number_to_string_writes_them(number: float, text: str) -> None:
    """Whole numbers have no fraction, and an exponent begins below 1e-6."""
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
def test_strings_are_written_as_json_stringify_writes_them(string: str, text: str) -> None:
    """Controls and lone surrogates are escaped in lower case, and nothing else is."""
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
def test_depth_is_counted_by_what_is_open(document: str, deep: bool) -> None:  # noqa: FBT001 - what is expected
    """Many brackets are no depth, and brackets in strings are none."""
    assert is_deep(document, 64) is deep


def test_an_array_of_objects_is_not_counted() -> None:
    """However it is spaced, and with half as many arrays in it as may be open."""

    def seconds(text: str) -> float:
        began = time.process_time()
        assert not is_deep(text, 64)
        return time.process_time() - began

    items = '{"a":[]},' * 31 + "{},{}, " * 50_000
    assert 5 * seconds(f"[{items}{{}}]") < seconds('[{"a":{}},' + items + "{}]")


def test_the_document_of_the_design_is_written_byte_for_byte() -> None:
    """Keys in the interface's order, no spaces, whole numbers, milliseconds and Z."""
    document = (
        '{"id":"job-42","status":"processing","progress":40,'
        '"estimatedCompletion":"2026-11-23T14:40:00.123Z"}'
    )
    job = JobStatus.from_json(document)
    assert job.to_json() == document
    assert Codec().encode(job) == document.encode()
