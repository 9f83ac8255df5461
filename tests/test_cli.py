"""`jobstatus check` reads any file, prints each problem with its position, and counts."""

from __future__ import annotations

import io
import json
import os
import pty
import shlex
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from typer.testing import CliRunner, Result

from jobstatus.cli import app
from tests.support.streams import Trickle

if TYPE_CHECKING:
    from typing_extensions import Buffer

EXCHANGE = Path(__file__).parent.parent / "examples" / "exchange.ndjson"
GOOD = b'{"id":"a","status":"queued"}\n'
BAD = b'{"id":5,"progress":101}\n'
BAD_CODES = "1 missing, 1 out_of_range, 1 wrong_type"
Check = Callable[..., Result]


def summary(valid: int, invalid: int, jobs: int, codes: str = "") -> str:
    """Return the summary of queued jobs without findings."""
    read, by_code = valid + invalid, f": {codes}" if codes else ""
    return (
        f"payloads: {read:,} read, {valid:,} valid, {invalid:,} invalid{by_code}\n"
        f"states:   {valid:,} queued, 0 processing, 0 completed, 0 failed, 0 cancelled\n"
        f"jobs:     {jobs:,} seen, 0 affected\n"
        "findings: 0 errors, 0 warnings, 0 notes\n"
    )


@pytest.fixture
def check() -> Check:
    """Return a function that runs `jobstatus check` in this process."""

    def run(*arguments: str | Path, stdin: bytes = b"") -> Result:
        return CliRunner().invoke(app, ["check", *map(str, arguments)], input=stdin)

    return run


@pytest.fixture
def file(tmp_path: Path) -> Callable[[bytes], Path]:
    """Return a function that writes a file and returns its path."""

    def write(data: bytes) -> Path:
        path = tmp_path / "jobs"
        path.write_bytes(data)
        return path

    return write


def test_a_file_that_node_wrote_has_no_problems(check: Check) -> None:
    """The file is examples/exchange.ndjson."""
    done = check(EXCHANGE)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == (
        "payloads: 25 read, 25 valid, 0 invalid\n"
        "states:   7 queued, 11 processing, 3 completed, 2 failed, 2 cancelled\n"
        "jobs:     7 seen, 0 affected\n"
        "findings: 0 errors, 0 warnings, 0 notes\n"
    )


def test_each_problem_has_its_line_and_field(check: Check, file: Callable[[bytes], Path]) -> None:
    """A damaged copy of the exchange file has several problems, and its other lines are read."""
    lines = EXCHANGE.read_bytes().splitlines()
    lines[1] = lines[1].replace(b".000Z", b"")
    lines[7] = lines[7].replace(b'"progress":0', b'"progress":"0"').replace(b"report-1", b"r\xff1")
    lines[9] = (
        lines[9].replace(b"cancelled", b"canceled", 1).replace(b'"error":"', b'"error":null,"x":"')
    )
    lines[14] = lines[14].replace(b"33.3", b"333.3")
    lines[22] = lines[22][:-1]
    lines[24] = b"[" * 100_000
    path = file(b"\n".join(lines))
    done = check(path)
    assert done.exit_code == 1
    words = [line.split(" ") for line in done.stdout.splitlines()[:-5]]
    assert [(place, field, code) for place, field, *_, code in words] == [
        (f"{path}:2:", "estimatedCompletion:", "[no_offset]"),
        (f"{path}:8:", "payload:", "[invalid_utf8]"),
        (f"{path}:10:", "status:", "[unknown_state]"),
        (f"{path}:10:", "error:", "[null]"),
        (f"{path}:15:", "progress:", "[out_of_range]"),
        (f"{path}:23:", "payload:", "[invalid_json]"),
        (f"{path}:25:", "payload:", "[too_deep]"),
    ]
    assert done.stdout.splitlines()[-5] == (
        "payloads: 25 read, 19 valid, 6 invalid: 1 invalid_json, 1 invalid_utf8, 1 no_offset, "
        "1 null, 1 out_of_range, 1 too_deep, 1 unknown_state"
    )


def test_a_dash_reads_standard_input(check: Check) -> None:
    """The dash is also the file's name in the output."""
    done = check("-", stdin=GOOD + b"\n" + BAD + GOOD)
    assert done.exit_code == 1
    assert done.stdout == (
        "-:3: id: expected a string, got 5 [wrong_type]\n"
        "-:3: status: required key is missing [missing]\n"
        "-:3: progress: expected a number from 0 to 100, got 101 [out_of_range]\n"
    ) + summary(2, 1, 1, BAD_CODES)


def test_items_of_an_array_have_a_line_and_a_pointer(check: Check) -> None:
    """The line is the one on which the item begins."""
    done = check("-", stdin=b"[\n" + GOOD + b",\n" + BAD.strip() + b"]")
    assert done.exit_code == 1
    assert done.stdout.startswith("-:4: /1: id: expected a string, got 5 [wrong_type]\n")
    assert done.stdout.endswith(summary(1, 1, 1, BAD_CODES))


def test_a_truncated_array_is_one_problem(check: Check) -> None:
    """The payloads before the end still count."""
    done = check("-", stdin=b"[" + GOOD)
    assert done.exit_code == 1
    assert done.stdout == (
        "-:2: payload: expected ] at the end of the array, got the end of the file [invalid_json]\n"
    ) + summary(1, 0, 1, "1 invalid_json")


def test_a_damaged_first_line_does_not_affect_other_lines(check: Check) -> None:
    """It is one problem, and the histories of the other lines are audited."""
    done = check("-", stdin=b'{"id":"a","error":"\n' + GOOD * 1000)
    assert done.stdout.startswith("-:1: payload: invalid JSON at character ")
    assert done.stdout.endswith(summary(1000, 1, 1, "1 invalid_json"))


def test_a_json_text_sequence_is_read(check: Check) -> None:
    """RFC 7464 is the third format of a file."""
    done = check("-", stdin=b"\x1e" + GOOD + b"\x1e" + GOOD)
    assert (done.exit_code, done.stdout) == (0, summary(2, 0, 1))


def test_objects_without_newlines_are_read(check: Check) -> None:
    """Amazon Data Firehose writes such files."""
    done = check("-", stdin=GOOD.strip() * 2)
    assert (done.exit_code, done.stdout) == (0, summary(2, 0, 1))


def test_an_indented_document_is_read(check: Check) -> None:
    """JSON.stringify writes several lines with an indent."""
    done = check("-", stdin=b'{\n  "id": "a",\n  "status": "queued"\n}\n')
    assert (done.exit_code, done.stdout) == (0, summary(1, 0, 1))


def test_an_empty_stream_has_no_payloads(check: Check) -> None:
    """The exit code is 0."""
    assert check("-").stdout == summary(0, 0, 0)


def test_the_summary_covers_all_files(check: Check, file: Callable[[bytes], Path]) -> None:
    """The files are one file and standard input."""
    done = check(file(GOOD), "-", stdin=GOOD + GOOD)
    assert done.stdout == summary(3, 0, 1)


@pytest.mark.parametrize(
    ("option", "data", "code"),
    [
        (["--null", "absent"], b'{"id":"a","status":"queued","error":null}', "null"),
        (
            ["--dates", "iso8601"],
            b'{"id":"a","status":"queued","estimatedCompletion":"20261123T00Z"}',
            "invalid_date",
        ),
        (
            ["--max-depth", "65"],
            b'{"id":"a","status":"queued","x":' + b"[" * 64 + b"]" * 64 + b"}",
            "too_deep",
        ),
    ],
)
def test_the_options_of_a_codec_are_options_of_the_command(
    check: Check, option: list[str], data: bytes, code: str
) -> None:
    """Each accepts a document that is rejected without it."""
    rejected = check("-", stdin=data)
    assert rejected.exit_code == 1
    assert f" [{code}]\n" in rejected.stdout
    assert check(*option, "-", stdin=data).exit_code == 0


@pytest.mark.parametrize(
    ("flag", "key", "value"),
    [
        (["--null", "reject"], "error", None),
        (["--ids", "text"], "id", 5),
        (["--numbers", "number"], "progress", "5"),
        (["--dates", "iso8601"], "estimatedCompletion", "2026"),
    ],
)
def test_an_option_beside_tolerant_overrides_it(
    check: Check, flag: list[str], key: str, value: object
) -> None:
    """The others keep the values of the tolerant codec."""
    data = json.dumps({"id": 1, "status": "queued", "progress": "1", "error": None, key: value})
    assert check("--tolerant", "-", stdin=data.encode()).exit_code == 0
    done = check("--tolerant", *flag, "-", stdin=data.encode())
    assert done.stdout.startswith(f"-:1: {key}: ")
    assert done.stdout.count("-:1: ") == 1


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        ("canceled", "expected NAME=STATE, got 'canceled'"),
        ("canceled=stopped", "got 'stopped'"),
        ("queued=failed", "expected names other than those of the interface, got 'queued'"),
    ],
)
def test_an_invalid_name_of_a_state_is_exit_code_2(pair: str, message: str) -> None:
    """The message says what was expected."""
    done = CliRunner().invoke(
        app, ["check", "--state", pair, "-"], input=b"", env={"COLUMNS": "200"}
    )
    assert done.exit_code == 2
    assert message in done.stderr


def test_a_name_of_a_state_may_contain_an_equals_sign(check: Check) -> None:
    """The last one separates the name from the state."""
    done = check("--state", "a=b=failed", "-", stdin=b'{"id":"a","status":"a=b"}')
    assert "1 failed" in done.stdout


def test_an_option_rejects_unknown_keys(check: Check) -> None:
    """By default, unknown keys are ignored."""
    data = b'{"id":"a","status":"queued","x/y":1}'
    assert check("-", stdin=data).exit_code == 0
    done = check("--unknown-keys", "reject", "-", stdin=data)
    assert done.stdout.startswith("-:1: payload: unknown key 'x/y' [unknown_key]\n")


def test_the_output_can_be_ndjson(check: Check) -> None:
    """Each problem is a line, and the summary is the last line."""
    done = check("--format", "json", "-", stdin=GOOD + b'{"id":"\\ud800","status":"queue"}')
    problem, last = map(json.loads, done.stdout.splitlines())
    assert problem == {
        "file": "-",
        "line": 2,
        "pointer": "/status",
        "code": "unknown_state",
        "message": "status: expected queued, processing, completed, failed or cancelled, "
        "got 'queue'; did you mean 'queued'?",
    }
    assert last == {
        "summary": {
            "payloads": {"read": 2, "valid": 1, "invalid": 1},
            "problems": {"unknown_state": 1},
            "states": {"queued": 1, "processing": 0, "completed": 0, "failed": 0, "cancelled": 0},
            "jobs": {"seen": 1, "affected": 0},
            "findings": {},
            "severities": {"error": 0, "warning": 0, "note": 0},
            "hint": {"valid": 1, "options": {"states": {"queue": "queued"}}},
        }
    }


def test_an_unreadable_file_is_exit_code_2_and_other_files_are_read(
    check: Check, file: Callable[[bytes], Path], tmp_path: Path
) -> None:
    """Missing files and directories are reported on standard error."""
    done = check("no-such-file", tmp_path, file(BAD))
    assert done.exit_code == 2
    assert done.stderr == (
        "jobstatus: no-such-file: No such file or directory\n"
        f"jobstatus: {tmp_path}: Is a directory\n"
    )
    assert done.stdout.endswith(summary(0, 1, 0, BAD_CODES))


def test_a_file_name_is_escaped_on_standard_error(check: Check) -> None:
    """A newline in a name must not look like a new line of output."""
    assert check("no\nsuch\x1b[31m").stderr.startswith("jobstatus: no\\nsuch\\x1b[31m: ")


@pytest.mark.parametrize(
    "arguments",
    [
        ["check"],
        ["check", "--null", "maybe", "-"],
        ["check", "--max-depth", "0", "-"],
        ["check", "--lifecycle", "x", "-"],
        ["chekc"],
    ],
)
def test_wrong_arguments_are_exit_code_2(arguments: list[str]) -> None:
    """The errors are missing files, invalid values and an unknown command."""
    assert CliRunner().invoke(app, arguments).exit_code == 2


def test_the_version_is_that_of_the_package() -> None:
    """It comes from the installed metadata."""
    from importlib.metadata import version

    assert CliRunner().invoke(app, ["--version"]).stdout == f"jobstatus {version('jobstatus')}\n"


def test_without_metadata_the_version_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """The exit code is 0. A source tree on PYTHONPATH has no metadata."""

    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("jobstatus.cli._app.version", missing)
    done = CliRunner().invoke(app, ["--version"])
    assert (done.exit_code, done.stdout) == (0, "jobstatus unknown\n")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--help"], "Check JobStatus payloads, explain problems, and print the contract."),
        (["--help"], "Print the JSON Schema (2020-12) of a payload."),
        (["check", "--help"], "A problem with a payload: FILE:LINE: MESSAGE [CODE]."),
    ],
)
def test_the_help_is_complete_without_docstrings(arguments: list[str], text: str) -> None:
    """Python strips them with -OO."""
    command = [sys.executable, "-OO", "-m", "jobstatus", *arguments]
    env = os.environ | {"COLUMNS": "200"}
    done = subprocess.run(command, capture_output=True, check=True, env=env, text=True)
    assert text in done.stdout


def test_the_help_lists_the_options() -> None:
    """The terminal is wide enough for all names."""
    done = CliRunner().invoke(app, ["check", "--help"], env={"COLUMNS": "200"})
    assert all(
        option in done.stdout
        for option in (
            "--tolerant",
            "--null",
            "--unknown-keys",
            "--ids",
            "--numbers",
            "--state",
            "--dates",
            "--max-depth",
            "--no-history",
            "--lifecycle",
            "--no-gaps",
            "--format",
        )
    )


def run(*arguments: str, stderr: int = subprocess.PIPE) -> subprocess.Popen[bytes]:
    """Start the command in a new process."""
    command = [sys.executable, "-m", "jobstatus", *arguments]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr)


def test_a_read_error_names_the_file(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    """The documents before the error count."""

    class Failing(Trickle):
        """A stream that fails at its end, like a disk with a bad sector."""

        def readinto(self, buffer: Buffer, /) -> int:
            """Fail after the last byte."""
            if count := super().readinto(buffer):
                return count
            raise OSError(5, "Input/output error")

    monkeypatch.setattr("jobstatus.cli._input._standard_input", lambda: Failing(GOOD, 5))
    done = check("-")
    assert (done.exit_code, done.stderr) == (2, "jobstatus: -: Input/output error\n")
    assert done.stdout == summary(1, 0, 1)


def test_a_closed_output_pipe_ends_the_command_without_a_traceback() -> None:
    """This happens with `head`."""
    with run("check", "-") as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        process.stdin.write(BAD)
        process.stdin.close()
        assert process.stderr.read() == b""
    assert process.returncode == 2


COMMANDS = (
    *("check -", "check no-such-file", "schema", "openapi", "typescript", "lifecycle"),
    *("--help", "check --help", "--version", "chekc"),
)


def shell(line: str) -> subprocess.CompletedProcess[str]:
    """Run a shell's line, in which jobstatus is the command, with one bad payload as its input."""
    text = line.replace("jobstatus", f"{shlex.quote(sys.executable)} -m jobstatus", 1)
    return subprocess.run(
        ["sh", "-c", text], input=BAD.decode(), capture_output=True, check=False, text=True
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_a_full_device_is_exit_code_2_for_every_command(command: str) -> None:
    """Exit code 1 is only for problems and findings."""
    done = shell(f"jobstatus {command} >/dev/full 2>/dev/full")
    assert done.returncode == 2


def test_a_message_that_cannot_be_written_is_exit_code_2() -> None:
    """Standard output may still work."""
    assert shell("jobstatus check no-such-file - 2>/dev/full").returncode == 2


@pytest.mark.parametrize("command", COMMANDS)
def test_a_closed_pipe_is_exit_code_2_for_every_command(command: str) -> None:
    """The reading end is closed before the command starts."""
    reader, writer = os.pipe()
    os.close(reader)
    line = [sys.executable, "-m", "jobstatus", *command.split()]
    done = subprocess.run(line, input=BAD, stdout=writer, stderr=writer, check=False)
    os.close(writer)
    assert done.returncode == 2


@pytest.mark.parametrize(
    ("command", "code"), [("check -", 1), ("check no-such-file", 2), ("schema", 0), ("chekc", 2)]
)
def test_closed_output_streams_keep_the_exit_code(command: str, code: int) -> None:
    """A stream that does not exist is not a failed write."""
    assert shell(f"jobstatus {command} >&- 2>&-").returncode == code


def test_a_lack_of_memory_names_the_file(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other files are read."""

    class Exhausting(Trickle):
        """A stream that needs too much memory."""

        def readinto(self, buffer: Buffer, /) -> int:
            """Fail at once."""
            raise MemoryError

    monkeypatch.setattr("jobstatus.cli._input._standard_input", lambda: Exhausting(b"", 1))
    done = check("-", EXCHANGE)
    assert (done.exit_code, done.stderr) == (2, "jobstatus: -: not enough memory\n")
    assert done.stdout.startswith("payloads: 25 read, 25 valid, 0 invalid\n")


def test_an_interrupt_ends_with_the_summary(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    """People end `tail -f` with Ctrl-C. The exit code is the shell's own for this."""

    class Interrupted(Trickle):
        """A stream that is interrupted at its end."""

        def readinto(self, buffer: Buffer, /) -> int:
            """Raise the exception after the last byte."""
            if count := super().readinto(buffer):
                return count
            raise KeyboardInterrupt

    monkeypatch.setattr("jobstatus.cli._input._standard_input", lambda: Interrupted(GOOD, 5))
    done = check("-", EXCHANGE)
    assert (done.exit_code, done.stderr) == (130, "")
    assert done.stdout == summary(1, 0, 1)


def test_a_closed_standard_input_is_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """CPython then sets sys.stdin to None."""
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(SystemExit) as ended:
        app(["check", "-"])
    assert ended.value.code == 2
    assert capsys.readouterr().err == "jobstatus: -: it is closed\n"


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    ("redirection", "stderr"),
    [
        ("<&-", "jobstatus: -: it is closed\n"),
        (">/dev/full", "jobstatus: standard output: No space left on device\n"),
    ],
)
def test_a_broken_standard_stream_is_exit_code_2(
    redirection: str, stderr: str, unbuffered: str
) -> None:
    """The error is one line that blames no file, whether Python buffers or not."""
    line = f"{shlex.quote(sys.executable)} -m jobstatus check - {redirection}"
    env = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    done = subprocess.run(
        ["sh", "-c", line],
        input=GOOD.decode(),
        capture_output=True,
        check=False,
        env=env,
        text=True,
    )
    assert (done.returncode, done.stderr) == (2, stderr)


def test_a_closed_standard_output_keeps_the_exit_code(file: Callable[[bytes], Path]) -> None:
    """A background job may have no standard output."""
    for data, code in ((GOOD, 0), (BAD, 1)):
        line = f"{shlex.quote(sys.executable)} -m jobstatus check {file(data)} >&-"
        assert subprocess.run(["sh", "-c", line], check=False).returncode == code


def test_problems_are_printed_while_a_pipe_is_open() -> None:
    """The first problem is printed before the input ends."""
    with run("check", "--format", "json", "-") as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(BAD + GOOD)
        process.stdin.flush()
        first = json.loads(process.stdout.readline())
        assert (first["line"], first["pointer"]) == (1, "/id")
        process.stdin.close()
        assert b"summary" in process.stdout.read()


NON_BLOCKING = """
import io, sys
from jobstatus.__main__ import main

class Announcing(io.FileIO):
    def readinto(self, buffer):
        count = super().readinto(buffer)
        if count is None:
            print("nothing yet", file=sys.stderr, flush=True)
        return count

sys.stdin = io.TextIOWrapper(io.BufferedReader(Announcing(0, closefd=False)))
main()
"""


def test_the_command_waits_for_a_non_blocking_pipe() -> None:
    """The other lines are written after the command found the pipe empty."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    command = [sys.executable, "-c", NON_BLOCKING, "check", "-"]
    with (
        os.fdopen(writer, "wb", buffering=0) as pipe,
        subprocess.Popen(
            command, stdin=reader, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process,
    ):
        assert process.stdout
        assert process.stderr
        pipe.write(GOOD)
        assert process.stderr.readline() == b"nothing yet\n"
        os.close(reader)
        with suppress(BrokenPipeError):  # if the command has ended
            pipe.write(BAD * 3)
        pipe.close()
        assert b"payloads: 4 read, 1 valid, 3 invalid" in process.stdout.read()
    assert process.returncode == 1


def test_an_empty_pipe_is_read_again_after_it_has_data(
    check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first read finds nothing."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)

    class Late(io.FileIO):
        """A pipe that receives its data after the first read."""

        def readinto(self, buffer: Buffer, /) -> int:
            """Read the next bytes."""
            count: Any = super().readinto(buffer)
            if count is None:
                os.write(writer, GOOD)
                os.close(writer)
            return cast("int", count)

    with Late(reader) as stream:
        monkeypatch.setattr("jobstatus.cli._input._standard_input", lambda: stream)
        assert check("-").stdout == summary(1, 0, 1)


def test_the_command_does_not_make_a_pipe_blocking() -> None:
    """Other processes may share the open file description."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.write(writer, GOOD)
    os.close(writer)
    command = [sys.executable, "-m", "jobstatus", "check", "-"]
    assert (
        subprocess.run(command, stdin=reader, stdout=subprocess.DEVNULL, check=False).returncode
        == 0
    )
    assert not os.get_blocking(reader)
    os.close(reader)


def test_characters_outside_the_output_encoding_are_escaped(file: Callable[[bytes], Path]) -> None:
    """Printing them is not an error."""
    path = file('{"id":"a","status":"\u6f22"}'.encode())
    command = [sys.executable, "-m", "jobstatus", "check", str(path)]
    done = subprocess.run(
        command, capture_output=True, check=False, env=os.environ | {"PYTHONIOENCODING": "cp1252"}
    )
    assert done.returncode == 1
    assert b"got '\\u6f22'" in done.stdout


def on_a_terminal(path: Path) -> bytes:
    """Return the command's output to standard error, which is a terminal."""
    master, slave = pty.openpty()
    with run("check", str(path), stderr=slave):
        os.close(slave)
        written = io.BytesIO()
        while True:
            try:
                chunk = os.read(master, 1 << 16)
            except OSError:  # Linux reports the end of a pseudo-terminal as an error
                chunk = b""
            if not chunk:
                break
            written.write(chunk)
    os.close(master)
    return written.getvalue()


def test_a_file_name_is_escaped_in_problems(check: Check, tmp_path: Path) -> None:
    """A newline in a name must not look like another problem."""
    path = tmp_path / "a\nb"
    path.write_bytes(BAD)
    assert check(path).stdout.startswith(f"{tmp_path}/a\\nb:1: id: expected a string, ")


def test_the_progress_bar_does_not_mix_with_the_output(
    file: Callable[[bytes], Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The bar is on standard error, a terminal, and problems are on standard output."""
    monkeypatch.setenv("TERM", "xterm")
    master, slave = pty.openpty()
    path = file(BAD + GOOD * 50_000)
    with open(slave, "w", encoding="utf-8") as terminal:  # noqa: PTH123 - a descriptor
        monkeypatch.setattr(sys, "stderr", terminal)
        with pytest.raises(SystemExit):
            app(["check", str(path)])
        assert b"jobs" in os.read(master, 1 << 16)
    os.close(master)
    out, _ = capsys.readouterr()
    assert out.startswith(f"{path}:1: id: expected a string, got 5 [wrong_type]\n")
    assert out.endswith(summary(50_000, 1, 1, BAD_CODES))


@pytest.mark.parametrize("variable", ["FORCE_COLOR", "TTY_COMPATIBLE"])
def test_there_is_no_progress_bar_without_a_terminal(
    check: Check, file: Callable[[bytes], Path], monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """Environment variables for colours do not change that."""
    monkeypatch.setenv(variable, "1")
    assert check(file(GOOD * 50_000)).stderr == ""


def test_long_input_has_a_progress_bar_on_a_terminal(file: Callable[[bytes], Path]) -> None:
    """It shows the file's name and size. Short input has no bar."""
    assert b"MB" in on_a_terminal(file(GOOD * 100_000))
    assert b"jobs" not in on_a_terminal(file(GOOD))


def test_markup_in_a_file_name_is_not_interpreted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name could otherwise put a hyperlink on the terminal."""
    monkeypatch.setenv("TERM", "xterm-256color")
    path = tmp_path / "[link=x]jobs"
    path.write_bytes(GOOD * 100_000)
    written = on_a_terminal(path)
    assert b"link=x" in written
    assert b"\x1b]8;" not in written
