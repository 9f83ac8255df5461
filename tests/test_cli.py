"""The command line reads anything, says what is wrong where, and counts."""

from __future__ import annotations

import io
import json
import os
import pty
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from jobstatus.cli import app

EXCHANGE = Path(__file__).parent.parent / "examples" / "exchange.ndjson"
GOOD = b'{"id":"a","status":"queued"}\n'
BAD = b'{"id":5,"progress":101}\n'
SUMMARY = (
    "payloads: {} read, {} valid, {} invalid\n"
    "states:   {} queued, 0 processing, 0 completed, 0 failed, 0 cancelled\n"
    "jobs:     {} seen, 0 affected\n"
    "findings: 0 errors, 0 warnings, 0 notes\n"
)
Check = Callable[..., Result]


@pytest.fixture
def check() -> Check:
    """Run `jobstatus check` in this process."""

    def run(*arguments: str | Path, stdin: bytes = b"") -> Result:
        return CliRunner().invoke(app, ["check", *map(str, arguments)], input=stdin)

    return run


@pytest.fixture
def file(tmp_path: Path) -> Callable[[bytes], Path]:
    """Write a file."""

    def write(data: bytes) -> Path:
        path = tmp_path / "jobs"
        path.write_bytes(data)
        return path

    return write


def test_the_real_exchange_file_is_in_order(check: Check) -> None:
    """What Node wrote is read without a problem."""
    done = check(EXCHANGE)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == (
        "payloads: 25 read, 25 valid, 0 invalid\n"
        "states:   7 queued, 11 processing, 3 completed, 2 failed, 2 cancelled\n"
        "jobs:     7 seen, 0 affected\n"
        "findings: 0 errors, 0 warnings, 0 notes\n"
    )


def test_a_damaged_copy_is_reported_by_line_and_pointer(
    check: Check, file: Callable[[bytes], Path]
) -> None:
    """Each fault is found where it was made, and the rest is read."""
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
    assert [line.split(" ")[:3] for line in done.stdout.splitlines()[:-4]] == [
        [f"{path}:2:", "/estimatedCompletion", "no_offset"],
        [f"{path}:8:", '""', "invalid_utf8"],
        [f"{path}:10:", "/status", "unknown_state"],
        [f"{path}:10:", "/error", "null"],
        [f"{path}:15:", "/progress", "out_of_range"],
        [f"{path}:23:", '""', "invalid_json"],
        [f"{path}:25:", '""', "too_deep"],
    ]
    assert done.stdout.splitlines()[-4] == "payloads: 25 read, 19 valid, 6 invalid"


def test_ndjson_from_standard_input(check: Check) -> None:
    """A dash is standard input, and its name in what is printed."""
    done = check("-", stdin=GOOD + b"\n" + BAD + GOOD)
    assert done.exit_code == 1
    assert done.stdout == (
        "-:3: /id wrong_type id: expected a string, got 5\n"
        "-:3: /status missing status: expected queued, processing, completed, failed, cancelled, "
        "got no such key\n"
        "-:3: /progress out_of_range progress: expected a number from 0 to 100, got 101\n"
    ) + SUMMARY.format(3, 2, 1, 2, 1)


def test_an_array(check: Check) -> None:
    """Items have the line where they begin, and pointers into the array."""
    done = check("-", stdin=b"[\n" + GOOD + b",\n" + BAD.strip() + b"]")
    assert done.exit_code == 1
    assert done.stdout.startswith("-:4: /1/id wrong_type id: expected a string, got 5\n")
    assert done.stdout.endswith(SUMMARY.format(2, 1, 1, 1, 1))


def test_an_array_that_is_cut_off(check: Check) -> None:
    """The payloads before the cut count, and the cut is a problem."""
    done = check("-", stdin=b"[" + GOOD)
    assert done.exit_code == 1
    assert done.stdout == (
        '-:2: "" invalid_json payload: expected ], got the end\n' + SUMMARY.format(1, 1, 0, 1, 1)
    )


def test_one_document_on_several_lines(check: Check) -> None:
    """As JSON.stringify writes with an indent."""
    done = check("-", stdin=b'{\n  "id": "a",\n  "status": "queued"\n}\n')
    assert (done.exit_code, done.stdout) == (0, SUMMARY.format(1, 1, 0, 1, 1))


def test_nothing_at_all(check: Check) -> None:
    """An empty stream has no payloads and no problems."""
    assert check("-").stdout == SUMMARY.format(0, 0, 0, 0, 0)


def test_several_files_are_summed_up(check: Check, file: Callable[[bytes], Path]) -> None:
    """The counts are of all."""
    done = check(file(GOOD), "-", stdin=GOOD + GOOD)
    assert done.stdout == SUMMARY.format(3, 3, 0, 3, 1)


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
def test_the_codecs_options_are_flags(
    check: Check, option: list[str], data: bytes, code: str
) -> None:
    """Each lets pass what is refused without it."""
    refused = check("-", stdin=data)
    assert refused.exit_code == 1
    assert f" {code} " in refused.stdout
    assert check(*option, "-", stdin=data).exit_code == 0


def test_unknown_keys_may_be_refused(check: Check) -> None:
    """The flag is stricter than the default."""
    data = b'{"id":"a","status":"queued","x/y":1}'
    assert check("-", stdin=data).exit_code == 0
    done = check("--unknown-keys", "reject", "-", stdin=data)
    assert done.stdout.startswith("-:1: /x~1y unknown_key payload: expected no keys but ")


def test_the_output_may_be_ndjson(check: Check) -> None:
    """A problem a line, and the summary last."""
    done = check("--format", "json", "-", stdin=GOOD + b'{"id":"\\ud800","status":"queue"}')
    problem, summary = map(json.loads, done.stdout.splitlines())
    assert problem == {
        "file": "-",
        "line": 2,
        "pointer": "/status",
        "code": "unknown_state",
        "message": "status: expected queued, processing, completed, failed, cancelled, got 'queue'",
    }
    assert summary == {
        "summary": {
            "payloads": {"read": 2, "valid": 1, "invalid": 1},
            "states": {"queued": 1, "processing": 0, "completed": 0, "failed": 0, "cancelled": 0},
            "jobs": {"seen": 1, "affected": 0},
            "findings": {"errors": 0, "warnings": 0, "notes": 0},
            "problems": 1,
        }
    }


def test_what_cannot_be_read_is_exit_code_2_and_the_rest_is_read(
    check: Check, file: Callable[[bytes], Path], tmp_path: Path
) -> None:
    """A missing file and a directory are said on standard error."""
    done = check("no-such-file", tmp_path, file(BAD))
    assert done.exit_code == 2
    assert done.stderr == (
        "jobstatus: no-such-file: No such file or directory\n"
        f"jobstatus: {tmp_path}: Is a directory\n"
    )
    assert done.stdout.endswith(SUMMARY.format(1, 0, 1, 0, 0))


def test_a_hostile_name_is_escaped(check: Check) -> None:
    """A name with a newline forges no line."""
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
def test_a_wrong_call_is_exit_code_2(arguments: list[str]) -> None:
    """Whatever is wrong with it."""
    assert CliRunner().invoke(app, arguments).exit_code == 2


def test_the_version_is_the_packages() -> None:
    """One place has it."""
    from importlib.metadata import version

    assert CliRunner().invoke(app, ["--version"]).stdout == f"jobstatus {version('jobstatus')}\n"


def test_help_names_the_options() -> None:
    """With what they are for."""
    done = CliRunner().invoke(app, ["check", "--help"], env={"COLUMNS": "200"})
    assert all(
        option in done.stdout
        for option in (
            "--null",
            "--unknown-keys",
            "--dates",
            "--max-depth",
            "--no-history",
            "--lifecycle",
            "--edges",
            "--format",
        )
    )


def run(*arguments: str, stderr: int = subprocess.PIPE) -> subprocess.Popen[bytes]:
    """Start the command in a process of its own."""
    command = [sys.executable, "-m", "jobstatus", *arguments]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr)


def test_a_read_that_fails_is_the_files_fault(
    check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also in the middle, and from standard input."""

    class Failing(io.RawIOBase):
        """A disk with a bad sector."""

        def readinto(self, _: object, /) -> int:
            """Fail."""
            raise OSError(5, "Input/output error")

    monkeypatch.setattr("jobstatus.cli._standard_input", Failing)
    done = check("-")
    assert (done.exit_code, done.stderr) == (2, "jobstatus: -: Input/output error\n")


def test_a_pipe_that_is_closed_ends_the_command_quietly() -> None:
    """As under `head`: no traceback."""
    with run("check", "-") as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        process.stdin.write(BAD)
        process.stdin.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


def test_a_closed_standard_input_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """CPython has None for it."""
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
def test_a_stream_that_does_not_work_is_exit_code_2(
    redirection: str, stderr: str, unbuffered: str
) -> None:
    """In one line, and without blaming a file, whether Python buffers or not."""
    line = f"{shlex.quote(sys.executable)} -m jobstatus check - {redirection}"
    env = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    done = subprocess.run(["sh", "-c", line], capture_output=True, check=False, env=env, text=True)
    assert (done.returncode, done.stderr) == (2, stderr)


def test_without_standard_output_the_exit_code_tells(file: Callable[[bytes], Path]) -> None:
    """As in a job that nobody listens to."""
    for data, code in ((GOOD, 0), (BAD, 1)):
        line = f"{shlex.quote(sys.executable)} -m jobstatus check {file(data)} >&-"
        assert subprocess.run(["sh", "-c", line], check=False).returncode == code


def test_a_pipe_is_read_as_it_comes() -> None:
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


def test_a_locale_without_the_characters_is_no_error(file: Callable[[bytes], Path]) -> None:
    """What the terminal cannot show is escaped."""
    path = file('{"id":"a","status":"\u6f22"}'.encode())
    command = [sys.executable, "-m", "jobstatus", "check", str(path)]
    done = subprocess.run(
        command, capture_output=True, check=False, env=os.environ | {"PYTHONIOENCODING": "cp1252"}
    )
    assert done.returncode == 1
    assert b"got '\\u6f22'" in done.stdout


def on_a_terminal(path: Path) -> bytes:
    """Return what the command writes to standard error if that is a terminal."""
    master, slave = pty.openpty()
    with run("check", str(path), stderr=slave):
        os.close(slave)
        written = io.BytesIO()
        while True:
            try:
                chunk = os.read(master, 1 << 16)
            except OSError:  # Linux reports the end of a pseudo-terminal so
                chunk = b""
            if not chunk:
                break
            written.write(chunk)
    os.close(master)
    return written.getvalue()


def test_a_hostile_name_forges_no_problem(check: Check, tmp_path: Path) -> None:
    """Nor where the file can be read."""
    path = tmp_path / "a\nb"
    path.write_bytes(BAD)
    assert check(path).stdout.startswith(f"{tmp_path}/a\\nb:1: /id wrong_type ")


def test_the_bar_does_not_disturb_the_output(
    file: Callable[[bytes], Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It goes to standard error, which is a terminal, and problems to standard output."""
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
    assert out.startswith(f"{path}:1: /id wrong_type id: expected a string, got 5\n")
    assert out.endswith(SUMMARY.format(50_001, 50_000, 1, 50_000, 1))


@pytest.mark.parametrize("variable", ["FORCE_COLOR", "TTY_COMPATIBLE"])
def test_a_file_is_no_terminal(
    check: Check, file: Callable[[bytes], Path], monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """Whatever the environment says of colours."""
    monkeypatch.setenv(variable, "1")
    assert check(file(GOOD * 50_000)).stderr == ""


def test_long_input_has_a_progress_bar_on_a_terminal(file: Callable[[bytes], Path]) -> None:
    """With the file's name and size; short input has none."""
    assert b"MB" in on_a_terminal(file(GOOD * 100_000))
    assert b"jobs" not in on_a_terminal(file(GOOD))
