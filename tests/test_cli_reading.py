"""`jobstatus check` reads compressed files, and payloads inside other documents."""

from __future__ import annotations

import gzip
import io
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from jobstatus.cli import app
from jobstatus.cli._input import Decompressed, UnreadableError, opened
from tests.support.streams import Trickle

GOOD = b'{"id":"a","status":"queued"}\n'
JOB = {"id": "a", "status": "queued"}


def check(*arguments: str | Path, stdin: bytes = b"") -> Result:
    """Run `jobstatus check` in this process."""
    return CliRunner().invoke(app, ["check", *map(str, arguments)], input=stdin)


def ndjson(*values: Any) -> bytes:
    """Return one line per value."""
    return "".join(f"{json.dumps(value)}\n" for value in values).encode()


def test_a_compressed_file_is_recognised_by_its_content(tmp_path: Path) -> None:
    """Its name does not matter."""
    path = tmp_path / "log"
    path.write_bytes(gzip.compress(GOOD * 3))
    assert check(path).stdout.startswith("payloads: 3 read, 3 valid, 0 invalid\n")


def test_compressed_standard_input_is_read() -> None:
    """So `check -` needs no zcat."""
    assert check("-", stdin=gzip.compress(GOOD, mtime=0)).stdout.startswith(
        "payloads: 1 read, 1 valid, "
    )


def test_a_compressed_file_may_have_several_members() -> None:
    """Two files can be joined with cat, and padded with zeros."""
    data = (
        gzip.compress(GOOD, mtime=0) + b"\0" * 10 + gzip.compress(b"") + gzip.compress(GOOD) + b"\0"
    )
    assert check("-", stdin=data).stdout.startswith("payloads: 2 read, 2 valid, ")


@pytest.mark.parametrize("size", [1, 7])
def test_compressed_data_may_arrive_in_small_pieces(size: int) -> None:
    """A pipe returns what is there."""
    data = gzip.compress(GOOD * 100) + gzip.compress(GOOD, mtime=0)
    stream = Decompressed(io.BufferedReader(Trickle(data, size)))
    assert io.BufferedReader(stream).read() == GOOD * 101


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (gzip.compress(GOOD, mtime=0)[:-3], "the gzip data ends too early"),
        (b"\x1f", "the gzip data ends too early"),
        (b"\x1fgzip", "damaged gzip data"),
        (gzip.compress(GOOD, mtime=0)[:-8] + bytes(8), "damaged gzip data"),
        (gzip.compress(GOOD, mtime=0) + b"more", "damaged gzip data"),
    ],
)
def test_damaged_compressed_data_is_exit_code_2(data: bytes, reason: str) -> None:
    """The file is unreadable."""
    done = check("-", stdin=data)
    assert (done.exit_code, done.stderr) == (2, f"jobstatus: -: {reason}\n")


def test_a_file_that_cannot_be_read_at_all_is_unreadable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first byte is read when the file is opened."""

    class Failing(Trickle):
        """A stream that fails at once."""

        def readinto(self, buffer: Any, /) -> int:
            """Fail."""
            raise OSError(5, "Input/output error")

    monkeypatch.setattr("jobstatus.cli._input._standard_input", lambda: Failing(b"", 1))
    with pytest.raises(UnreadableError, match=r"^Input/output error$"), opened("-"):
        pass  # pragma: no cover - it is not opened


def test_a_gzip_bomb_does_not_fill_the_memory(tmp_path: Path) -> None:
    """64 MiB of spaces take 64 KiB in the file, and are one blank line."""
    path = tmp_path / "bomb"
    path.write_bytes(gzip.compress(b" " * (1 << 26)))
    tracemalloc.start()
    with opened(str(path)) as stream:
        size = sum(map(len, iter(lambda: stream.read(1 << 16), b"")))
        _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size == 1 << 26
    assert peak < 1 << 20


@pytest.mark.parametrize("data", [b"", b"\n \n", b"[]", gzip.compress(b"", mtime=0)])
def test_a_file_without_a_payload_says_so(data: bytes) -> None:
    """The message is on standard error, and the exit code is 0."""
    done = check("-", stdin=data)
    assert (done.exit_code, done.stderr) == (0, "jobstatus: -: no payload\n")


def test_only_the_file_without_a_payload_is_named(tmp_path: Path) -> None:
    """The others have payloads."""
    empty, other = tmp_path / "empty", tmp_path / "other"
    empty.touch()
    other.write_bytes(GOOD)
    assert check(other, empty, other).stderr == f"jobstatus: {empty}: no payload\n"


@pytest.mark.parametrize(
    ("pointer", "document"),
    [
        ("/job", {"level": 30, "job": JOB}),
        ("/data/job", {"data": {"job": JOB}}),
        ("/jobs/1", {"jobs": [None, JOB]}),
        ("/a~1b~0c", {"a/b~c": JOB}),
        ("/~01", {"~1": JOB}),
        ("/", {"": JOB}),
        ("", JOB),
    ],
)
def test_a_pointer_names_the_payload_of_each_line(pointer: str, document: Any) -> None:
    """It is a JSON Pointer (RFC 6901)."""
    done = check("--pointer", pointer, "-", stdin=ndjson(document, document))
    assert done.stdout.startswith("payloads: 2 read, 2 valid, 0 invalid\n")
    assert done.exit_code == 0


def test_a_problem_has_the_whole_pointer() -> None:
    """It begins at the document."""
    data = ndjson({"job": {"id": "a", "status": "done"}}, {"job": 5})
    done = check("--pointer", "/job", "--format", "json", "-", stdin=data)
    first, second, _ = map(json.loads, done.stdout.splitlines())
    assert (first["line"], first["pointer"], first["code"]) == (1, "/job/status", "unknown_state")
    assert (second["line"], second["pointer"], second["code"]) == (2, "/job", "wrong_type")


def test_a_finding_has_the_pointer_of_its_payload() -> None:
    """In text, it is before the severity."""
    data = ndjson({"job": {"id": "a", "status": "failed"}})
    done = check("--pointer", "/job", "-", stdin=data)
    assert done.stdout.startswith("-:1: /job: note: job 'a': error: ")


def test_the_items_of_an_array_can_be_wrapped() -> None:
    """The index of the item comes first."""
    done = check("--pointer", "/job", "-", stdin=b"[%b]" % ndjson({"job": {"id": "a"}}).strip())
    assert done.stdout.startswith("-:1: /0/job: status: required key is missing [missing]\n")


@pytest.mark.parametrize(
    "document",
    [{"msg": "started"}, {"job2": JOB}, {"job": []}, 5, {"job": {"x": 1}}, {"job": "text"}],
)
@pytest.mark.parametrize("pointer", ["/job/a", "/job/0", "/job/-", "/job/00", "/job/9999999999"])
def test_a_document_without_a_payload_is_skipped(pointer: str, document: Any) -> None:
    """The summary counts such documents, because a log has other lines too."""
    data = ndjson(document) + ndjson(document)
    done = check("--pointer", pointer, "-", stdin=data)
    assert (done.exit_code, done.stderr) == (0, f"jobstatus: -: no payload at {pointer}\n")
    assert "\nskipped:  2 documents without a payload\n" in done.stdout


def test_in_json_the_summary_counts_skipped_documents() -> None:
    """Without a pointer, there is no such key."""
    flags = ("--format", "json", "-")
    done = check("--pointer", "/job", *flags, stdin=ndjson({}))
    assert json.loads(done.stdout)["summary"]["skipped"] == 1
    assert "skipped" not in json.loads(check(*flags, stdin=GOOD).stdout)["summary"]


def test_a_line_that_is_not_json_is_a_problem_of_the_line() -> None:
    """Its pointer is that of the whole document."""
    done = check("--pointer", "/job", "-", stdin=b"started\n" + ndjson({"job": JOB}))
    assert done.stdout.startswith("-:1: payload: invalid JSON at character 0, near ")
    assert "payloads: 2 read, 1 valid, 1 invalid: 1 invalid_json\n" in done.stdout


def test_the_hint_is_about_the_payload_at_the_pointer() -> None:
    """The other options apply to it."""
    data = ndjson({"job": {"id": 5, "status": "queued", "error": None}})
    done = check("--pointer", "/job", "-", stdin=data)
    assert "valid with --null absent --ids number\n" in done.stdout
    flags = ("--null", "absent", "--ids", "number")
    assert check("--pointer", "/job", *flags, "-", stdin=data).exit_code == 0


@pytest.mark.parametrize("pointer", ["job", "#/job", "/a~2", "/a~"])
def test_an_invalid_pointer_is_exit_code_2(pointer: str) -> None:
    """The message shows one that is valid."""
    done = check("--pointer", pointer, "-")
    assert done.exit_code == 2
    assert f"expected a JSON Pointer such as /job, got '{pointer}'" in done.stderr
