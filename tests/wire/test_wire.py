"""The functions that `jobstatus._wire` exports, and JSON lines."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from jobstatus import Codec, DecodeError, JobStatus, _wire
from jobstatus._wire import _payload

LINE = '{"id":"a","status":"queued"}'
JOB = JobStatus("a", "queued")


def test_every_exported_name_exists() -> None:
    """No name is exported twice."""
    assert len(set(_wire.__all__)) == len(_wire.__all__)
    assert [name for name in _wire.__all__ if not hasattr(_wire, name)] == []


@pytest.mark.parametrize(
    "line", ["", " ", "\t\r\n", b"", b" \n", bytearray(b" "), memoryview(b" ")]
)
def test_blank_lines_are_skipped_but_counted(line: Any) -> None:
    """The line number of an error includes the blank lines before it."""
    results = list(_wire.decode_lines([line, LINE, line, "x"], Codec(), yield_errors=True))
    assert results[0] == JOB
    (error,) = results[1:]
    assert isinstance(error, DecodeError)
    assert error.line == 4


@pytest.mark.parametrize("line", ["X", "\x0b", "\xa0", b"X", b"\x0b", b"\xff"])
def test_only_the_white_space_of_json_makes_a_line_blank(line: Any) -> None:
    """Python's `str.strip` would remove more characters than RFC 8259 allows."""
    (error,) = _wire.decode_lines([line], Codec(), yield_errors=True)
    assert isinstance(error, DecodeError)
    assert error.line == 1


def test_the_first_error_is_raised_with_its_line() -> None:
    """With `go_on=True`, the iterator yields errors in place of jobs and continues."""
    lines = _wire.decode_lines([LINE, "x", LINE], Codec(), yield_errors=False)
    assert next(lines) == JOB
    with pytest.raises(DecodeError) as refused:
        next(lines)
    assert refused.value.line == 2
    assert refused.value.__suppress_context__
    (problem,) = refused.value.problems
    assert problem.code == "invalid_json"


@pytest.mark.parametrize("msgspec", [False, True])
def test_selecting_a_parser_replaces_all_four_functions(
    msgspec: bool,  # noqa: FBT001 - a test parameter
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Reading and writing must use the same parser."""
    names = ("decode", "decode_array", "write", "write_array")
    for name in names:
        monkeypatch.setattr(_wire, name, getattr(_wire, name))
    _wire.select(msgspec=msgspec)
    modules = [getattr(_wire, name).__module__ for name in names]
    reader, writer = ("_msgspec", "_msgspec") if msgspec else ("_pattern", "_write")
    assert modules == [f"jobstatus._wire.{name}" for name in (reader, reader, writer, writer)]
    assert _wire.decode(LINE, Codec()) == JOB
    assert _wire.decode(f" {LINE}", Codec()) == JOB
    assert _wire.decode_array(f"[{LINE}]", Codec()) == [JOB]
    assert _wire.decode_array(f" [{LINE}]", Codec()) == [JOB]
    assert _wire.write(JOB) == LINE
    assert _wire.write_array([JOB]) == f"[{LINE}]".encode()


def test_a_payload_that_needs_no_conversion_takes_the_fast_path(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Checking each field by its own rule takes twice as long."""
    monkeypatch.delattr(_payload, "check")
    assert _wire.read_payload({"id": "a", "status": "queued"}, Codec()) == JOB


@pytest.mark.parametrize("block", ["", "sys.modules['msgspec'] = None;"])
@pytest.mark.parametrize("write", ["[job.to_json().encode()]", "[Codec().encode_array([job])]"])
def test_writing_the_first_job_selects_the_writer(write: str, block: str) -> None:
    """The bytes are the same with msgspec and without it."""
    program = f"""import sys; {block} from jobstatus import Codec, JobStatus
job = JobStatus("a", "queued")
print({write}[0].decode())"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )
    assert done.stdout.strip().strip("[]") == LINE
