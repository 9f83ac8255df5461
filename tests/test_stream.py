"""A stream is an array, a JSON text sequence or JSON values, read one document at a time."""

from __future__ import annotations

import io
import tracemalloc

import pytest

from jobstatus import Codec, DecodeError, JobStatus
from jobstatus._wire import _json
from jobstatus.streams import _stream
from jobstatus.streams._stream import CHUNK, read_located
from tests.support.streams import Trickle, cut, read, results, stream_of

JOB = JobStatus.queued("a")
GOOD = b'{"id":"a","status":"queued"}'


@pytest.mark.parametrize("data", [b"", b"\n", b" \t\r\n\n", b"\x1e", b"\n\x1e\x1e"])
def test_a_stream_may_be_empty(data: bytes) -> None:
    """Blanks and separators contain no documents and no problems."""
    assert read(data) == []


def test_each_line_of_ndjson_is_a_document() -> None:
    """Blank lines are skipped, but counted."""
    data = b"\n" + GOOD + b"\n \r\n\n" + GOOD + b"\r\n\x0c\n" + GOOD
    assert results(data) == [(2, "", JOB), (5, "", JOB), (6, "", "invalid_json"), (7, "", JOB)]


def test_values_may_share_a_line_or_span_lines() -> None:
    """Each has the number of the line on which it begins."""
    pretty = GOOD.replace(b",", b",\n")
    data = GOOD + GOOD + b"\n" + pretty + pretty + b"[]\n" + GOOD
    assert results(data) == [
        (1, "", JOB),
        (1, "", JOB),
        (2, "", JOB),
        (3, "", JOB),
        (4, "", "wrong_type"),
        (5, "", JOB),
    ]


@pytest.mark.parametrize(
    ("damaged", "code"),
    [
        (b"\xff", "invalid_utf8"),
        (b"\xef\xbb\xbf" + GOOD, "invalid_json"),
        (b"oops", "invalid_json"),
        (b"7", "wrong_type"),
        (b'{"id":"a","status":"queue"}', "unknown_state"),
        (b'{"id":"\xff","status":"queued"}', "invalid_utf8"),
        (b'{"id":"a","progress":', "invalid_json"),
        (b'{"id":"a,"status":"queued"}', "invalid_json"),
        (b"{" + b'"x":{' * 64, "too_deep"),
        (b'{"x":' * 64 + b"{" + b"}" * 65, "too_deep"),
    ],
)
def test_a_damaged_line_is_one_problem(damaged: bytes, code: str) -> None:
    """The next lines are read, even after a damaged first line."""
    data = damaged + b"\n" + GOOD + b"\n" + damaged + b"\n" + GOOD + b"\n" + damaged
    expected = [(1, "", code), (2, "", JOB), (3, "", code), (4, "", JOB), (5, "", code)]
    assert results(data) == expected


def test_a_problem_has_the_position_of_the_fault() -> None:
    """Its line is the one on which the document begins."""
    ((line, _, _, result), *_) = read(b'{\n "id": "a",\n "status": queued\n}\n')
    assert line == 1
    assert "at character 25" in str(result)


@pytest.mark.parametrize("chunk", range(1, 40))
def test_long_lines_are_read_in_pieces(monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    """Line numbers and documents are right for any size of pieces."""
    monkeypatch.setattr(_stream, "CHUNK", chunk)
    data = GOOD + b"  " + GOOD + b"oops\n\n" + GOOD.replace(b",", b"\n,\n") + b"\n[01]\n" + GOOD
    assert results(b"{}\n" + data) == [
        (1, "", "missing"),
        (2, "", JOB),
        (2, "", JOB),
        (2, "", "invalid_json"),
        (4, "", JOB),
        (7, "", "invalid_json"),
        (8, "", JOB),
    ]


def test_each_record_of_a_json_text_sequence_is_a_document() -> None:
    """RFC 7464: a record may be empty, truncated or on several lines."""
    data = b" \n\x1e" + GOOD + b"\n\x1e\x1e\n" + GOOD.replace(b",", b",\n") + b"\n\x1e"
    data += GOOD[:-1] + b"\x1e[" + GOOD + b"]\n\x1e12\n\x1e\n\x1e" + GOOD
    for size in (1, 7, CHUNK):
        assert [line for line, _, _ in cut(data, size)] == [2, 4, 6, 6, 7, 9, 9]
    assert [result for _, _, result in results(data)] == [
        *(JOB, JOB, "invalid_json", "wrong_type", "wrong_type", "invalid_json", JOB),
    ]


@pytest.mark.parametrize("start", [b"", b"\x1e", b"["])
def test_a_document_has_a_maximum_size(monkeypatch: pytest.MonkeyPatch, start: bytes) -> None:
    """A longer document is a problem, and the next one is read."""
    monkeypatch.setattr(_json, "MAX_DOCUMENT", len(GOOD))
    monkeypatch.setattr(_stream, "CHUNK", 8)
    between = {b"": b"\n", b"\x1e": b"\x1e", b"[": b","}[start]
    last = b"]" if start == b"[" else b""
    long = GOOD.replace(b'"a"', b'"aa"')
    found = read(start + between.join([GOOD, long, long, GOOD]) + last, 5)
    assert [result for _, _, _, result in found][::3] == [JOB, JOB]
    for _, _, data, result in found[1:3]:
        assert data == b""
        assert isinstance(result, DecodeError)
        assert str(result) == "payload: expected at most 28 bytes, got more [invalid_json]"


@pytest.mark.sampling
@pytest.mark.parametrize(
    "beginning",
    [
        b"{}",
        b'{"id":',
        b'{"id":"a',
        b"{",
        b"[1,\n",
        b"oops",
        b"\xff",
        b"\x1e{}\n\x1e",
        b"[1,",
        b'[{"id":',
        b'["',
    ],
)
def test_memory_is_bounded_by_the_largest_document(
    monkeypatch: pytest.MonkeyPatch, beginning: bytes
) -> None:
    """Damage at the beginning of the stream makes no difference."""
    monkeypatch.setattr(_stream, "CHUNK", 1 << 12)
    if beginning == b"[1,\n":
        beginning = b"{}\n[1,\n"
    between = {b"\x1e": b"\n\x1e", b"[": b",\n"}.get(beginning[:1], b"\n")
    stream = stream_of(beginning + between + between.join([GOOD] * 10_000), 1 << 12)
    jobs, peak = count_jobs(stream)
    assert jobs == 10_000
    assert peak < 1 << 16


@pytest.mark.sampling
@pytest.mark.parametrize(
    ("beginning", "line"),
    [
        (b"{}\n{", b"\n"),
        (b"{}\n{", b'"x":"y",\n'),
        (b"{}\n", b'{"x":\n'),
        (b"{}\n[[1],\n", b"[1,\n"),
        (b'{}"', b"x"),
        (b"{}[", b"1"),
        (b"[", b"\n"),
        (b"[", b'{"x":\n'),
        (b'["', b"x"),
        (b"\x1e", b"\n"),
    ],
)
def test_memory_is_bounded_by_the_maximum_size(
    monkeypatch: pytest.MonkeyPatch, beginning: bytes, line: bytes
) -> None:
    """The documents here have no end."""
    monkeypatch.setattr(_json, "MAX_DOCUMENT", 1 << 12)
    monkeypatch.setattr(_stream, "CHUNK", 1 << 9)
    _, peak = count_jobs(stream_of(beginning + line * ((1 << 16) // len(line)), 1 << 10))
    assert peak < 1 << 15


def count_jobs(stream: io.BufferedReader) -> tuple[int, int]:
    """Return the number of jobs in a stream, and the peak memory of reading it."""
    read(b"{}")  # imports the modules of the slow path
    tracemalloc.start()
    try:
        jobs = 0
        for _, _, _, result in read_located(stream, Codec()):
            jobs += isinstance(result, JobStatus)
        return jobs, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("start", [b"[", b"\x1e", b""])
def test_documents_are_read_lazily(start: bytes) -> None:
    """The first document is returned before the stream ends."""
    between = {b"[": b",", b"\x1e": b"\x1e", b"": b"\n"}[start]
    endless = Trickle(start + GOOD + between + b" " * (10 * CHUNK), 1000)
    _, _, _, first = next(read_located(io.BufferedReader(endless), Codec()))
    assert endless.data.tell() < 2 * CHUNK
    assert first == JOB
