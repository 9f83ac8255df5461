"""`jobstatus check` prints the results that its options select, in the chosen format."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from jobstatus.cli import app
from jobstatus.cli._output import annotation

EXAMPLES = Path(__file__).parent.parent / "examples"
DAMAGED, ORDERS = EXAMPLES / "damaged.ndjson", EXAMPLES / "orders.ndjson"
NULL = b'{"id":"a","status":"queued","error":null}\n'
FELL = (
    b'{"id":"a","status":"processing","progress":2}\n'
    b'{"id":"a","status":"processing","progress":1}\n'
)
NOTE = b'{"id":"b","status":"failed"}\n'
ANSI = re.compile(r"\x1b\[[0-9;]*m")
Check = Callable[..., Result]


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the variables that decide about colours."""
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


def check(*arguments: str | Path, stdin: bytes = b"", **env: str) -> Result:
    """Run `jobstatus check` in this process."""
    return CliRunner().invoke(app, ["check", *map(str, arguments)], input=stdin, env=env)


def codes(done: Result) -> list[str]:
    """Return the codes of the lines above the summary."""
    lines = done.stdout.partition("payloads:")[0].splitlines()
    return [line.rpartition("[")[2].rstrip("]") for line in lines]


def test_output_without_a_terminal_has_no_colours() -> None:
    """A file or another program gets plain text."""
    assert "\x1b" not in check(DAMAGED).stdout


@pytest.mark.parametrize("path", [DAMAGED, ORDERS])
def test_colours_and_columns_change_nothing_else(path: Path) -> None:
    """Without them, the text is the same."""
    coloured = check(path, FORCE_COLOR="1").stdout
    assert "\x1b[" in coloured
    assert ANSI.sub("", coloured).split() == check(path).stdout.split()


def test_on_a_terminal_results_are_aligned() -> None:
    """The columns fit line numbers of five digits, and each severity."""
    data = b"\n" * 9 + FELL + NOTE + NULL
    done = check("-q", "-", stdin=data, FORCE_COLOR="1", NO_COLOR="1")
    assert done.stdout == (
        "-:11:    warning: job 'a': progress: expected at least 2, got 1 [progress_fell]\n"
        "-:12:    note:    job 'b': error: expected a text on a failed job, got nothing "
        "[failed_without_error]\n"
        "-:13:    error: expected a value or no key, got null [null]\n"
    )


def test_the_severity_of_a_finding_has_its_colour() -> None:
    """An error is red, and a warning is yellow."""
    first, second = check(ORDERS, FORCE_COLOR="1").stdout.splitlines()[:2]
    assert "\x1b[31m\x1b[1merror:   \x1b[0mjob 'order-7'" in first
    assert "\x1b[33m\x1b[1mwarning: \x1b[0mjob 'order-8'" in second


def test_a_coloured_finding_in_an_array_keeps_its_pointer() -> None:
    """The pointer is before the severity."""
    done = check("-", stdin=b"[" + NOTE + b"]", FORCE_COLOR="1")
    assert ANSI.sub("", done.stdout).startswith("-:1:     /0: note:    job 'b': error: ")


def test_no_color_wins_over_force_color() -> None:
    """As for CPython's own output."""
    assert "\x1b" not in check(DAMAGED, NO_COLOR="1", FORCE_COLOR="1").stdout


def test_empty_variables_have_no_meaning() -> None:
    """https://no-color.org says so."""
    assert "\x1b" not in check(DAMAGED, NO_COLOR="", FORCE_COLOR="").stdout


@pytest.mark.parametrize(("term", "is_coloured"), [("xterm", True), ("dumb", False)])
def test_a_terminal_shows_colours_unless_it_is_dumb(term: str, *, is_coloured: bool) -> None:
    """The variable TERM names its kind."""
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "jobstatus", "check", str(ORDERS)]
    subprocess.run(command, stdout=slave, check=False, env=os.environ | {"TERM": term})
    os.close(slave)
    assert (b"\x1b[31m" in os.read(master, 1 << 16)) is is_coloured
    os.close(master)


@pytest.mark.parametrize("output", ["text", "github"])
def test_no_control_character_of_the_input_is_printed(output: str) -> None:
    """They are escaped in ids, states, keys, texts and pointers."""
    evil = "\x1b]0;x\x07\n::stop-commands::x\r\x9b\u202e"
    lines = [
        {"id": evil, "status": "failed"},
        {"id": evil, "status": "failed", "error": evil},
        {"id": "a", "status": evil},
        {"id": "a", "status": "queued", "estimatedCompletion": evil, evil: None},
    ]
    data = "\n".join(map(json.dumps, lines)).encode()
    flags = ("--format", output, "--unknown-keys", "reject")
    done = check(*flags, "-", stdin=data, FORCE_COLOR="1")
    assert all(line.isprintable() for line in ANSI.sub("", done.stdout).split("\n"))
    assert "\n::stop" not in done.stdout


def test_the_summary_counts_problems_by_code() -> None:
    """The most frequent code is the first, and thousands are separated."""
    data = NULL * 1001 + b'{"id":"a","status":"x"}\n'
    done = check("--statistics", "-", stdin=data)
    assert done.stdout.startswith(
        "payloads: 1,002 read, 0 valid, 1,002 invalid: 1,001 null, 1 unknown_state\n"
    )


def test_the_summary_counts_findings_by_severity_and_code() -> None:
    """One error is not "1 errors"."""
    done = check(ORDERS)
    expected = "findings: 1 error, 1 warning, 0 notes: 1 outcome_replaced, 1 progress_fell\n"
    assert expected in done.stdout


def test_the_jobs_of_the_summary_are_aligned() -> None:
    """Their ids have different lengths."""
    done = check("-", stdin=NOTE + NOTE.replace(b'"b"', b'"long"'))
    assert done.stdout.endswith(
        "  job 'b':    1 failed_without_error\n  job 'long': 1 failed_without_error\n"
    )


def test_statistics_are_the_summary_alone() -> None:
    """The exit code is the same as without."""
    done, whole = check("--statistics", ORDERS), check(ORDERS)
    assert done.exit_code == whole.exit_code == 1
    assert done.stdout == whole.stdout[whole.stdout.index("payloads:") :]


def test_in_json_statistics_are_the_last_lines() -> None:
    """The lines of problems and findings are left out."""
    flags = ("--format", "json")
    done, whole = check(*flags, "--statistics", ORDERS), check(*flags, ORDERS)
    assert done.stdout.splitlines() == whole.stdout.splitlines()[-3:]


def test_quiet_leaves_the_summary_out() -> None:
    """The problems and findings are printed, and the exit code is the same."""
    done, whole = check("-q", ORDERS), check(ORDERS)
    assert done.exit_code == 1
    assert done.stdout == whole.stdout[: whole.stdout.index("payloads:")]


def test_quiet_prints_nothing_for_a_file_without_problems() -> None:
    """So a nightly job sends mail only if there is something to read."""
    done = check("--quiet", EXAMPLES / "exchange.ndjson", "-")
    assert (done.exit_code, done.output) == (0, "")


def test_statistics_and_quiet_exclude_each_other() -> None:
    """Together they would print nothing."""
    done = check("--statistics", "--quiet", "-")
    assert done.exit_code == 2
    assert "'--statistics': cannot be used with --quiet" in done.stderr


def test_the_number_of_printed_results_has_a_limit() -> None:
    """A line says how many problems and findings are hidden, and the summary has all."""
    done = check("--max-problems", "1", "-", stdin=NULL + NULL + NOTE)
    assert codes(done)[0] == "null"
    assert "\nhidden:   1 problem and 1 finding, because of --max-problems 1\n" in done.stdout
    assert "2 invalid: 2 null\n" in done.stdout
    assert done.exit_code == 1


def test_a_limit_that_is_not_reached_hides_nothing() -> None:
    """Then there is no line about it."""
    assert check("--max-problems", "5", DAMAGED).stdout == check(DAMAGED).stdout


def test_the_limit_may_be_zero() -> None:
    """The first line says how many results are hidden."""
    done = check("--max-problems", "0", "-q", DAMAGED)
    assert done.stdout == "hidden:   5 problems, because of --max-problems 0\n"


def test_in_json_the_summary_counts_hidden_results() -> None:
    """Each line of the output is still JSON."""
    done = check("--format", "json", "--max-problems", "2", DAMAGED)
    *results, summary = map(json.loads, done.stdout.splitlines())
    assert len(results) == 2
    assert summary["summary"]["hidden"] == 3


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (["--select", "null"], ["null"]),
        (["--select", "null, no_offset"], ["no_offset", "null"]),
        (["--select", "null", "--select", "no_offset"], ["no_offset", "null"]),
        (["--ignore", "null,no_offset"], ["unknown_state", "wrong_type", "invalid_json"]),
        (["--select", "null,no_offset", "--ignore", "null"], ["no_offset"]),
    ],
)
def test_codes_can_be_selected_and_ignored(flags: list[str], expected: list[str]) -> None:
    """The options may be repeated, and separate codes by commas."""
    assert codes(check(*flags, DAMAGED)) == expected


def test_an_ignored_problem_is_not_counted() -> None:
    """The payload is still invalid, but the exit code is 0."""
    done = check("--ignore", "null", "-", stdin=NULL)
    assert done.exit_code == 0
    assert done.stdout.startswith("payloads: 1 read, 0 valid, 1 invalid\n")


def test_an_ignored_finding_is_not_counted() -> None:
    """Its job is not affected."""
    done = check("--ignore", "outcome_replaced,progress_fell", ORDERS)
    assert done.exit_code == 0
    assert done.stdout.endswith("2 seen, 0 affected\nfindings: 0 errors, 0 warnings, 0 notes\n")


@pytest.mark.parametrize("option", ["--select", "--ignore"])
def test_an_unknown_code_is_exit_code_2(option: str) -> None:
    """The message suggests the nearest code."""
    done = check(option, "unknown_status", "-")
    assert done.exit_code == 2
    assert f"'{option}': expected the code of a problem or finding" in done.stderr
    assert "got 'unknown_status'; did you mean 'unknown_state'?" in done.stderr


@pytest.mark.parametrize(
    ("data", "failing"),
    [(NULL, ["error", "warning", "note"]), (FELL, ["warning", "note"]), (NOTE, ["note"])],
)
def test_the_least_severity_for_exit_code_1_can_be_chosen(data: bytes, failing: list[str]) -> None:
    """A problem with a payload always leads to exit code 1."""
    severities = ("error", "warning", "note")
    done = {name: check("--fail-on", name, "-", stdin=data).exit_code for name in severities}
    assert [name for name, code in done.items() if code == 1] == failing


def test_github_gets_an_annotation_for_each_result() -> None:
    """It has the file, the line and the code."""
    done = check("--format", "github", "-q", "examples/orders.ndjson", stdin=b"")
    first, second = done.stdout.splitlines()
    assert first.startswith(
        "::error file=examples/orders.ndjson,line=8,title=outcome_replaced::"
        "examples/orders.ndjson:8: error: job 'order-7': "
    )
    assert second.startswith("::warning file=examples/orders.ndjson,line=9,title=progress_fell::")


def test_the_summary_for_github_is_one_notice() -> None:
    """Its line breaks are escaped. The jobs are left out, because each has an annotation."""
    *_, notice = check("--format", "github", ORDERS).stdout.splitlines()
    assert notice.startswith("::notice title=jobstatus check::payloads: 11 read, 11 valid, ")
    assert notice.count("%0A") == 3
    assert "job " not in notice


def test_an_annotation_for_standard_input_has_no_file() -> None:
    """GitHub would look for a file with the name "-"."""
    done = check("--format", "github", "-", stdin=NOTE)
    assert done.stdout.startswith("::notice title=failed_without_error::-:1: note: ")


def test_annotations_are_escaped() -> None:
    """Otherwise a text could end its property or its line."""
    assert annotation("error", "50%\r\n::x", title="a,b:c%", file="d,e:f", line=3) == (
        "::error file=d%2Ce%3Af,line=3,title=a%2Cb%3Ac%25::50%25%0D%0A::x"
    )
