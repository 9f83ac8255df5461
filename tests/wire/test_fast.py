"""Which documents the fast path reads, and which fall back to the slow path."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from array import array
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, combinations, product
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from jobstatus import Codec, DecodeError, InvalidValueError, JobState, JobStatus, _wire
from jobstatus._wire import _json, _msgspec, _payload, _slow
from jobstatus.dates import parse_date, parse_iso8601_date, read_utc
from tests.support.parsers import PARSERS, Fast, Parser, nothing, parsing_with

GOLDEN = Path(__file__).parent.parent / "golden" / "v1"
DATE = "2026-11-23T14:40:00.123Z"
IGNORE, REJECT = Codec(), Codec(unknown_keys="reject")
JOB = JobStatus("a", "queued")


@pytest.fixture(params=PARSERS)
def parser(request: pytest.FixtureRequest) -> Parser:
    """Return the name of each parser in turn."""
    name: Parser = request.param
    return name


@pytest.fixture
def fast(parser: Parser) -> Fast:
    """Return the fast path of the parser."""
    return PARSERS[parser]


def read_slowly(data: str | bytes) -> JobStatus:
    """Read a document with the slow path."""
    job: JobStatus = _slow.decode(data, IGNORE)
    return job


def document(**fields: object) -> str:
    """Return a document in the layout that V8 writes."""
    return json.dumps({"id": "a", "status": "queued"} | fields, separators=(",", ":"))


def test_the_golden_files_take_the_fast_path(parser: Parser, fast: Fast) -> None:
    """Only escaped ids, exponents (pattern) and lone surrogates (msgspec) fall back."""
    for line in (GOLDEN / "lines.ndjson").read_bytes().splitlines(keepends=True):
        job = fast.decode(line, REJECT)
        is_left = {
            "json": b"\\" in line.partition(b',"status"')[0] or b"e-" in line,
            "msgspec": b"\\ud" in line,
        }
        assert (job is None) == is_left[parser]
        if job is not None:
            assert job.to_json().encode() + b"\n" == line


@pytest.mark.parametrize(
    "data",
    [
        document(progress=100),
        document(progress=0),
        document(progress=33.3333),
        document(error="[{"),
        document(error='a "quote"\n\ud83d\ude00'),
        '{"id":"\u6f22 \U0001f4f7","status":"queued"}',
        document(estimatedCompletion=DATE).encode(),
        document(estimatedCompletion="0001-01-01T00:00:00.000Z"),
        document() + " \t\r\n",
        json.dumps({"id": "a", "status": "failed", "progress": 1.5, "error": "b"}),
    ],
)
def test_the_layout_of_v8_takes_the_fast_path(data: str | bytes, fast: Fast) -> None:
    """The blanks that json.dumps adds after commas and colons are accepted too."""
    job = fast.decode(data, REJECT)
    assert job is not None
    assert repr(job) == repr(read_slowly(data))


@pytest.mark.parametrize(
    "data",
    [
        " " + document(),
        document(progress=1e-7),
        document(progress=-0.0),
        document(id="caf\u00e9"),
        document(x={"tags": ["a", "b"]})[:-1] + ',"score":1e999}',
        document()[:-1] + ',"pro\\u0067ress":5}',
        '{"status":"queued","id":"a"}',
        json.dumps({"id": "a", "status": "queued"}, indent=2),
    ],
)
def test_only_msgspec_reads_other_layouts_on_its_fast_path(data: str) -> None:
    """The pattern falls back, and the slow path returns the same job."""
    assert PARSERS["json"].decode(data, IGNORE) is None
    job = PARSERS["msgspec"].decode(data, IGNORE)
    assert repr(job) == repr(read_slowly(data))


@pytest.mark.parametrize(
    "members",
    [
        '"attempt":2',
        '"x": -0.5e+10, "y": true',
        '"a":null,"b":false,"c":"d \x7f","ids":0',
        '"x":1e999,"x":"last"',
    ],
)
def test_simple_unknown_members_at_the_end_take_the_fast_path(members: str, fast: Fast) -> None:
    """Numbers, literals and strings without escapes are simple; REJECT makes them fall back."""
    data = f"{document(progress=1.5)[:-1]},{members}}}"
    assert fast.decode(data, IGNORE) == read_slowly(data)
    assert fast.decode(data, REJECT) is None


@pytest.mark.parametrize(
    "members",
    [
        '"x":01',
        '"x":+1',
        '"x":1.',
        '"x":.5',
        '"x":1e',
        '"x":NaN',
        '"x":"\t"',
        '"x\n":1',
        '"x":1,',
        '"x":1 "y":2',
        '"x":tru',
        '"error":null',
        '"id":5',
    ],
)
def test_invalid_members_at_the_end_fall_back(members: str, fast: Fast) -> None:
    """The slow path reports invalid JSON and invalid values of known keys."""
    assert fast.decode(f"{document()[:-1]},{members}}}", IGNORE) is None


@pytest.mark.parametrize("members", ['"x":"\u00e9"', '"x":"\\u00e9"', '"x":[]', '"id":"b"'])
def test_only_msgspec_reads_complex_members_at_the_end(members: str) -> None:
    """The pattern falls back because it does not decode text or handle duplicate keys."""
    data = f"{document()[:-1]},{members}}}"
    assert PARSERS["json"].decode(data, IGNORE) is None
    assert PARSERS["msgspec"].decode(data, IGNORE) == read_slowly(data)


@pytest.mark.parametrize(
    "data",
    [
        document(id="\ud800"),
        document()[:-1] + ',"id":"\ud83d\ude00","error":"\ud83d\\ude00"}',
        document(estimatedCompletion="2026-11-23"),
    ],
)
def test_unusual_surrogates_and_date_forms_fall_back(data: str, fast: Fast) -> None:
    """The slow path reads every valid string and every form of a date."""
    assert fast.decode(data, IGNORE) is None
    assert JobStatus.from_json(data) == read_slowly(data)


@pytest.mark.parametrize("key", [b"x\xff", b"\xed\xa0\x80"])
def test_an_unknown_key_that_is_not_utf_8_is_rejected(key: bytes, parser: Parser) -> None:
    """On its own, msgspec would skip the key without checking its encoding."""
    data = document().encode()[:-1] + b',"' + key + b'":1,"y":"' + key + b'"}'
    assert PARSERS[parser].decode(data, IGNORE) is None
    with parsing_with(parser), pytest.raises(DecodeError) as refused:
        JobStatus.from_json(data)
    assert [problem.code for problem in refused.value.problems] == ["invalid_utf8"]


def test_a_long_integer_takes_linear_time_when_python_has_no_digit_limit(parser: Parser) -> None:
    """Converting a million digits with int() would take seconds."""
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        began = time.process_time()
        with parsing_with(parser):
            JobStatus.from_json(document(x=1)[:-1] + ',"y":' + "1" * 1_000_000 + "}")
        assert time.process_time() - began < 1
    finally:
        sys.set_int_max_str_digits(limit)


@pytest.mark.parametrize(
    "data",
    [
        document(error="a")[:-2] + '","x":1' * 200_000,
        document(error="a")[:-2] + '"} ' * 200_000 + "x",
        document(error="a")[:-2] + '\\"' * 200_000,
        document()[:-1] + ',"x":1' * 200_000,
        document()[:-1] + ',"x":"' * 200_000,
    ],
    ids=range(5),
)
@pytest.mark.parametrize("form", ["{}", "[{}]", "[{},{}"])
def test_no_document_takes_quadratic_time(data: str, form: str, fast: Fast) -> None:
    """The patterns never backtrack, and no search restarts at every position."""
    text = form.replace("{}", data).encode()
    began = time.process_time()
    assert fast.decode(text, IGNORE) is None
    assert fast.decode_array(text, IGNORE) is None
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("block", "expected"), [("", "True"), ("sys.modules['msgspec'] = None;", "False")]
)
@pytest.mark.parametrize(
    "read", ["JobStatus.from_json('{0}')", "Codec().decode_array('[{0}]')"], ids=["one", "array"]
)
def test_the_first_document_selects_the_parser(block: str, expected: str, read: str) -> None:
    """Msgspec is used if it is installed, but it is not imported before this."""
    program = f"""import sys; {block} from jobstatus import Codec, JobStatus
print("jobstatus._wire._msgspec" in sys.modules)
{read.format(document())}
print("_msgspec" in __import__("jobstatus")._wire.decode.__module__)"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )
    assert done.stdout.split() == ["False", expected]


PRIVATE: Any = _wire
FIRST: dict[str, tuple[Any, tuple[Any, ...], object]] = {
    "decode": (PRIVATE._decode_first, (document(), IGNORE), JOB),
    "decode_array": (PRIVATE._decode_first_array, (f"[{document()}]", IGNORE), [JOB]),
    "write": (PRIVATE._write_first, (JOB,), document()),
    "write_array": (PRIVATE._write_first_array, ([JOB],), f"[{document()}]".encode()),
}


@pytest.mark.parametrize("name", FIRST)
@pytest.mark.parametrize("module", ["_msgspec", "_pattern"])
def test_any_first_call_selects_the_best_parser(
    name: str, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first call may read or write, and may handle one job or an array."""
    call, arguments, expected = FIRST[name]
    if module == "_pattern":
        monkeypatch.setitem(sys.modules, "jobstatus._wire._msgspec", None)
        monkeypatch.delattr(_wire, "_msgspec")
    with parsing_with("json"):
        for other, (first, _, _) in FIRST.items():
            monkeypatch.setattr(_wire, other, first)
        assert call(*arguments) == expected
        assert _wire.decode.__module__ == f"jobstatus._wire.{module}"
        monkeypatch.undo()


def test_threads_may_read_their_first_documents_at_once() -> None:
    """One thread selects the parser, and the others wait for it."""
    program = f"""
import sys, threading
from jobstatus import JobStatus, _wire
sys.setswitchinterval(1e-6)
selected, select = [], _wire.select
_wire.select = lambda **options: (selected.append(1), select(**options))
barrier = threading.Barrier(8)
def read():
    barrier.wait()
    JobStatus.from_json({document()!r})
threads = [threading.Thread(target=read) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(len(selected))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )
    assert done.stdout.split() == ["1"]


@pytest.mark.parametrize("name", FIRST)
def test_a_late_first_call_keeps_the_selected_parser(name: str, parser: Parser) -> None:
    """Another thread may have selected the parser in the meantime."""
    call, arguments, expected = FIRST[name]
    with parsing_with(parser):
        before = _wire.decode
        assert call(*arguments) == expected
        assert _wire.decode is before


def test_selecting_msgspec_fails_if_it_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The current parser stays selected."""
    monkeypatch.setitem(sys.modules, "jobstatus._wire._msgspec", None)
    monkeypatch.delattr(_wire, "_msgspec")
    before = _wire.decode
    with pytest.raises(ImportError):
        _wire.select(msgspec=True)
    assert _wire.decode is before


@pytest.mark.parametrize(
    "data",
    [
        "",
        "\ufeff" + document(),
        document() + "X",
        document() + "\u2028",
        document() + "\x00",
        document().encode() + b"\xff",
        5,
        "[]",
        '"a"',
        '{"id":"a"}',
        document(id=5),
        document(status=["queued"]),
        document(status="paused"),
        document(progress=None),
        document(progress=True),
        document(progress="5"),
        document(progress=100.1),
        document(progress=-1e-300),
        document(progress=float("nan")),
        document(x=float("nan")),
        document(error=None),
        document(error=[]),
        document(error="a").replace('a"}', 'a\\"}'),
        document(error="abc").replace("b", "\t"),
        document(error="abc").replace("b", '"'),
        document(error="abc").replace("b", "\\x"),
        document(id="abc").replace("b", "\t"),
        document(estimatedCompletion=None),
        document(estimatedCompletion=5),
        document(estimatedCompletion="2026-02-30T00:00:00.000Z"),
        document()[:-1] + ',"x":' + "[" * 64 + "]" * 64 + "}",
        document()[:-1] + ',"x":' + '{"a":' * 64 + "1" + "}" * 65,
    ],
)
def test_documents_with_a_problem_fall_back(data: Any, fast: Fast) -> None:
    """Only the slow path reports problems."""
    assert fast.decode(data, IGNORE) is None


@pytest.mark.parametrize("inner", [{}, []])
def test_the_maximum_depth_is_exact(inner: object) -> None:
    """Objects and arrays both count as one level each."""
    deep = document(x=inner)
    decode = PARSERS["msgspec"].decode
    assert decode(deep, Codec(max_depth=2)) == JOB
    assert decode(deep, Codec(max_depth=1)) is None


def test_unknown_keys_fall_back_if_the_policy_rejects_them() -> None:
    """This holds even right after a document whose unknown keys were ignored."""
    fast, data = PARSERS["msgspec"], document(x=1)
    assert fast.decode(data, IGNORE) == JOB
    assert fast.decode(data, REJECT) is None
    assert fast.decode_array(f"[{data}]", IGNORE) == [JOB]
    assert fast.decode_array(f"[{data}]", REJECT) is None


def test_an_earlier_document_with_unknown_keys_does_not_change_results() -> None:
    """The struct that ignores unknown keys then reads the next thousand documents."""
    decode = _msgspec.make_decode(nothing)
    documents: list[tuple[str | bytes, Codec, JobStatus | None]] = [
        (document(x=1).encode(), IGNORE, JOB),
        (document().encode(), IGNORE, JOB),
        (document(x="\u00e9").encode(), IGNORE, JOB),
        (document(x=1) + " " * 200, IGNORE, JOB),
        (document(x="b" * 200).encode(), IGNORE, JOB),
        (document(x=["b" * 200]).encode(), IGNORE, JOB),
        (document(x=1).encode(), REJECT, None),
        (document().encode(), REJECT, JOB),
        (document(id=5).encode(), IGNORE, None),
    ]
    for data, policy, job in documents * 200:
        assert decode(data, policy) == job


def test_a_nearly_full_stack_falls_back() -> None:
    """The parser needs one stack frame for each level of the document."""
    deep = document()[:-1] + ',"x":' + "[" * 60 + "]" * 60 + "}"
    limit, answers = sys.getrecursionlimit(), list[JobStatus | None]()

    def descend() -> None:
        try:
            descend()
        except RecursionError:
            answers.append(PARSERS["msgspec"].decode(deep, IGNORE))
            raise

    sys.setrecursionlimit(200)
    try:
        with pytest.raises(RecursionError):
            descend()
    finally:
        sys.setrecursionlimit(limit)
    assert answers[-1] == JOB


CHARACTERS = [*map(chr, range(256)), "\u0660", "\uff11", "\ud800"]


def near_dates(characters: Iterable[str], places: int) -> Iterator[str]:
    """Yield the date with some of its characters replaced."""
    for changed in combinations(range(len(DATE)), places):
        for others in product(characters, repeat=places):
            text = list(DATE)
            for place, other in zip(changed, others, strict=True):
                text[place] = other
            yield "".join(text)


@pytest.mark.parametrize("parse", [parse_date, parse_iso8601_date])
def test_altered_dates_are_read_correctly_or_fall_back(parse: Callable[[str], object]) -> None:
    """Alter one or two characters, or the fraction; no altered date may give a wrong instant."""
    decode = PARSERS["json"].decode
    fractions = (f"{DATE[:20]}{''.join(three)}Z" for three in product("\0Z+-:., 05", repeat=3))
    for text in chain(near_dates(CHARACTERS, 1), near_dates("\0Z+-:., 0", 2), fractions):
        moment = read_utc(text)
        job = decode(f'{{"id":"a","status":"queued","estimatedCompletion":"{text}"}}', IGNORE)
        try:
            expected = parse(text)
        except InvalidValueError:
            assert moment is None, text
            assert job is None, text
        else:
            assert moment is None or moment == expected, text
            assert job is None or job.estimated_completion == expected, text


class Text(str):
    """A subclass of str, whose methods could be overridden."""

    __slots__ = ()


class Number(float):
    """A subclass of float, whose methods could be overridden."""

    __slots__ = ()


class Members(dict[str, object]):
    """A subclass of dict, whose methods could be overridden."""


@pytest.mark.parametrize(
    "payload",
    [
        None,
        [],
        Members(id="a", status="queued"),
        {"id": Text("a"), "status": "queued"},
        {"id": "a", "status": Text("queued")},
        {"id": "a", "status": JobState.QUEUED},
        {"id": "a", "status": "queued", "progress": Number(40)},
        {"id": "a", "status": "queued", "progress": 101},
        {"id": "a", "status": "queued", "progress": True},
        {"id": "a", "status": "queued", "progress": None},
        {"id": "a", "status": "queued", "estimatedCompletion": Text(DATE)},
        {"id": "a", "status": "queued", "estimatedCompletion": "2026"},
        {"id": "a", "status": "queued", "error": Text("timeout")},
        {"id": "a", "status": "queued", "error": "\u00e9"},
        {"id": "\u00e9", "status": "queued"},
    ],
)
def test_payloads_that_need_conversion_or_checks_fall_back(payload: object) -> None:
    """Subclasses may override any method, and some values must be converted or rejected."""
    assert _payload.read_plain(payload, IGNORE) is None


def test_str_subclasses_and_buffers_are_read() -> None:
    """The reader uses the characters of a str subclass and the bytes of a buffer."""
    for data in (Text(document()), bytearray(document().encode()), memoryview(document().encode())):
        assert Codec().decode(data) == JOB


def test_a_subclass_of_bytes_is_read_from_its_buffer() -> None:
    """Its methods could return anything, so they are not called."""
    convert = Mock(return_value=b"[]")
    cls = type("Bytes", (bytes,), {"__bytes__": convert})
    assert Codec().decode(cls(document().encode())) == JOB
    assert not convert.called


@pytest.mark.parametrize(
    "data",
    [array("B", document().encode()), Mock(spec=str), Mock(spec=bytes)],
    ids=["array", "mock of str", "mock of bytes"],
)
def test_other_objects_are_not_documents(data: Any, parser: Parser) -> None:
    """Every parser rejects buffers of other types, and mocks of str or bytes."""
    with parsing_with(parser):
        with pytest.raises(TypeError, match="expected str or bytes, got "):
            Codec().decode(data)
        with pytest.raises(TypeError, match="expected str or bytes, got "):
            Codec().decode_array(data)


@pytest.mark.parametrize("policy", [IGNORE, REJECT])
@pytest.mark.parametrize("separator", [",", ", "], ids=["V8", "json.dumps"])
def test_an_array_in_the_layout_of_v8_takes_the_fast_path(
    separator: str, policy: Codec, fast: Fast
) -> None:
    """This holds for every parser, whether it ignores or rejects unknown keys."""
    item = document(error='a "quote"')
    jobs = fast.decode_array(f"[{separator.join([item] * 3)}]\n", policy)
    assert jobs == [JobStatus("a", "queued", error='a "quote"')] * 3


@pytest.mark.parametrize(
    "data",
    [
        "",
        document(),
        "[]",
        "[{}]",
        f"[{document()}",
        f"{document()}]",
        f"[{document()},]",
        f"[,{document()}]",
        f"[{document()}{document()}]",
        f"[{document()},,{document()}]",
        f"[{document()};{document()}]",
        f"[{document()}] x",
        f"[{document(estimatedCompletion='2026-02-30T00:00:00.000Z')}]",
        f"[{document(estimatedCompletion='2026')}]",
    ],
)
def test_other_arrays_fall_back(data: str, fast: Fast) -> None:
    """The only exception is an empty array, which msgspec reads like the slow path."""
    jobs: list[JobStatus] | None = fast.decode_array(data, IGNORE)
    assert jobs is None or jobs == _slow.decode_array(data, IGNORE) == []


def test_an_array_is_two_levels_deep(fast: Fast) -> None:
    """A reader with a maximum depth of one therefore rejects it."""
    data = f"[{document()}]"
    assert fast.decode_array(data, Codec(max_depth=2)) == [JOB]
    assert fast.decode_array(data, Codec(max_depth=1)) is None


def test_the_depth_of_an_array_with_unknown_keys_is_checked() -> None:
    """On its own, msgspec would skip values that are too deep."""
    decode_array = PARSERS["msgspec"].decode_array
    data = f"[{document(x=[1])},{document()}]"
    assert decode_array(data, Codec(max_depth=3)) == [JOB, JOB]
    assert decode_array(data, Codec(max_depth=2)) is None
    assert _json.is_deep(data, 2)
