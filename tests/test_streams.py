"""`read_stream` yields the jobs in a file or in chunks, whatever separates the jobs."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest

from jobstatus import Codec, DecodeError, InvalidValueError, JobStatus
from jobstatus.streams import read_stream
from tests.support.streams import Trickle

A, B = JobStatus.queued("a"), JobStatus.queued("b")
TEXTS = [b'{"id":"a","status":"queued"}', b'{"id":"b","status":"queued"}']
FORMATS = {
    "NDJSON": b"\n".join(TEXTS),
    "objects without newlines": b"".join(TEXTS),
    "JSON text sequence": b"".join(b"\x1e%b\n" % text for text in TEXTS),
    "array": b"[%b]" % b",".join(TEXTS),
}


class Reader:
    """A file that has only the method read, such as a cloud provider's response."""

    def __init__(self, data: str | bytes) -> None:
        self._file = io.StringIO(data) if isinstance(data, str) else io.BytesIO(data)

    def read(self, size: int) -> str | bytes:
        """Return the next bytes; or text, which `read_stream` must reject."""
        return self._file.read(size)


@pytest.mark.parametrize("data", FORMATS.values(), ids=FORMATS)
def test_a_chunk_may_end_at_every_position(data: bytes) -> None:
    """Each format has the same jobs, and an empty chunk does not end the stream."""
    for border in range(len(data) + 1):
        assert [*read_stream([data[:border], b"", data[border:]])] == [A, B]


@pytest.mark.parametrize("data", FORMATS.values(), ids=FORMATS)
def test_every_kind_of_binary_file_is_read(data: bytes) -> None:
    """The kinds are buffered files, raw files, and objects whose only method is `read`."""
    streams: list[Any] = [io.BytesIO(data), Trickle(data, 7), Reader(data)]
    for stream in streams:
        assert [*read_stream(stream)] == [A, B]


def test_an_error_has_the_line_and_the_index_of_the_item() -> None:
    """With errors="yield", the other items are read."""
    data = b'[\n%b,\n{"id":"a"},\n%b]' % (TEXTS[0], TEXTS[1])
    first, error, last = read_stream([data], errors="yield")
    assert (first, last) == (A, B)
    assert isinstance(error, DecodeError)
    assert (error.line, error.problems[0].pointer) == (3, "/1/status")


def test_an_error_is_raised_by_default() -> None:
    """The jobs before it are yielded first."""
    jobs = read_stream([TEXTS[0], b"\n{}"])
    assert next(jobs) == A
    with pytest.raises(DecodeError, match=r"^line 2: id: required key is missing"):
        next(jobs)


def test_the_options_of_the_codec_are_used() -> None:
    """This codec reads null as absent."""
    data = b'{"id":"a","status":"queued","error":null}'
    assert [*read_stream([data], codec=Codec(null="absent"))] == [A]


@pytest.mark.parametrize(
    "stream",
    ["{}", b"{}", bytearray(b"{}"), memoryview(b"{}"), io.StringIO("{}"), 5, None],
    ids=lambda value: type(value).__name__,
)
def test_a_wrong_stream_is_a_type_error_at_the_call(stream: Any) -> None:
    """A whole document or a text file would otherwise fail later."""
    with pytest.raises(TypeError, match=r"^expected a (binary file|file opened in binary mode)"):
        read_stream(stream)


def test_wrong_options_are_rejected_at_the_call() -> None:
    """They are checked before the first chunk is read."""
    untyped: Any = read_stream
    with pytest.raises(InvalidValueError, match="errors"):
        untyped([], errors="ignore")
    with pytest.raises(TypeError, match=r"^codec: expected a Codec"):
        untyped([], codec=None)


@pytest.mark.parametrize("stream", [["{}"], Reader("{}")], ids=["chunk", "read"])
def test_text_in_a_stream_is_a_type_error(stream: Any) -> None:
    """It would have to be encoded first."""
    with pytest.raises(TypeError, match=r"^expected a chunk of bytes, got '{}'"):
        next(read_stream(stream))


@pytest.mark.parametrize("buffering", [0, -1])
def test_a_non_blocking_file_without_data_is_a_blocking_io_error(buffering: int) -> None:
    """The stream has not ended, so the iterator must not end either."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    with open(reader, "rb", buffering=buffering) as stream:  # noqa: PTH123 - a descriptor
        os.write(writer, TEXTS[0] + b"\n")
        jobs = read_stream(stream)
        with pytest.raises(BlockingIOError):
            list(jobs)
    os.close(writer)


def test_memory_does_not_grow_with_the_stream() -> None:
    """The chunks here have 29 bytes, and the stream has 2.9 MB."""

    def chunks() -> Iterator[bytes]:
        for _ in range(100_000):
            yield TEXTS[0] + b"\n"

    tracemalloc.start()
    try:
        assert sum(job == A for job in read_stream(chunks())) == 100_000
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_importing_the_package_does_not_import_streams() -> None:
    """Only programs that import `jobstatus.streams` pay for the import."""
    program = "import sys, jobstatus; print('jobstatus.streams' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout == b"False\n"
