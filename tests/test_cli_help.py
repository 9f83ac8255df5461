"""The help, the explanations and the completion of the command."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from jobstatus.cli import app
from jobstatus.cli._codes import EXPLANATIONS, Code

COMMANDS: dict[str, Any] = vars(typer.main.get_command(app))["commands"]
PAGES = [[], *([name] for name in COMMANDS)]


def run(*arguments: str, columns: int = 80) -> Result:
    """Run the command in this process, in a terminal of some width."""
    return CliRunner().invoke(app, arguments, env={"COLUMNS": str(columns)}, prog_name="jobstatus")


def complete(*words: str) -> list[str]:
    """Return what bash would offer for the last of these words."""
    env = {
        "_JOBSTATUS_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(words),
        "COMP_CWORD": str(len(words) - 1),
    }
    done = CliRunner().invoke(app, [], env=env, prog_name="jobstatus")
    return done.stdout.split()


@pytest.mark.parametrize("page", PAGES, ids=" ".join)
@pytest.mark.parametrize("columns", [40, 59, 60, 80, 200])
def test_the_help_fits_the_terminal(page: list[str], columns: int) -> None:
    """No line is longer than the terminal is wide, or than 80 columns, and no text is cut off."""
    done = run(*page, "--help", columns=columns)
    assert done.exit_code == 0
    assert max(map(len, done.stdout.splitlines())) <= min(columns, 80)
    assert "…" not in done.stdout


@pytest.mark.parametrize("page", PAGES, ids=" ".join)
def test_the_help_has_the_same_words_at_each_width(page: list[str]) -> None:
    """Only the line breaks differ."""
    narrow, wide = (run(*page, "-h", columns=columns).stdout.split() for columns in (40, 80))
    assert narrow == wide


@pytest.mark.parametrize("page", PAGES, ids=" ".join)
def test_the_help_has_a_short_option(page: list[str]) -> None:
    """It is the same as --help."""
    assert run(*page, "-h").stdout == run(*page, "--help").stdout


def test_the_version_has_a_short_option() -> None:
    """It is the same as --version."""
    assert run("-V").stdout == run("--version").stdout


def test_the_help_names_arguments_as_the_documentation_does() -> None:
    """The first line shows how the command is called."""
    first = run("timeline", "-h").stdout.splitlines()[0]
    assert first == "Usage: jobstatus timeline [OPTIONS] FILE ID"
    assert run("-h").stdout.startswith("Usage: jobstatus [OPTIONS] COMMAND\n")


@pytest.mark.parametrize("arguments", [["chekc"], ["check"], ["schema", "x"]])
def test_a_usage_error_shows_how_the_command_is_called(arguments: list[str]) -> None:
    """The message follows, in plain text."""
    lines = run(*arguments).stderr.splitlines()
    assert lines[0].startswith("Usage: jobstatus ")
    assert lines[-1].startswith("Error: ")


@pytest.mark.parametrize("code", EXPLANATIONS)
def test_every_code_is_explained(code: Code) -> None:
    """The explanation has its meaning and advice, and fits the terminal."""
    done = run("explain", code, columns=40)
    explanation = EXPLANATIONS[code]
    words = done.stdout.split()
    text = " ".join(words)
    assert done.exit_code == 0
    assert text.startswith(f"{code}: ")
    assert explanation.meaning in text
    assert f"What to do: {explanation.advice}" in text
    assert max(map(len, done.stdout.splitlines())) <= max(40, *map(len, words))


def test_the_explanation_of_a_problem_has_an_example() -> None:
    """It is one from the documentation."""
    assert run("explain", "null").stdout == (
        "null: problem\n"
        "\n"
        "An optional key is `null`. In the interface, an absent value has no key.\n"
        "\n"
        """Example: '{"id": "a", "status": "queued", "error": null}'\n"""
        "\n"
        "What to do: Omit the key. If you cannot change the producer, read with\n"
        '`Codec(null="absent")` (`--null absent`).\n'
    )


def test_the_explanation_of_a_finding_has_its_severity() -> None:
    """It has no example."""
    done = run("explain", "progress_fell")
    assert done.stdout.startswith("progress_fell: finding, warning\n\n")
    assert "Example" not in done.stdout


def test_without_a_code_all_codes_are_listed() -> None:
    """Each is on one line, with its kind."""
    lines = run("explain").stdout.splitlines()
    assert [line.split()[0] for line in lines] == [*EXPLANATIONS]
    assert "null                   problem" in lines
    assert "outcome_left           finding, error" in lines


@pytest.mark.parametrize(
    ("code", "hint"), [("nul", "got 'nul'; did you mean 'null'?\n"), ("a,b", "got 'a,b'\n")]
)
def test_an_unknown_code_is_exit_code_2(code: str, hint: str) -> None:
    """The nearest code is suggested."""
    done = run("explain", code)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.endswith(hint)


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["jobstatus", "ti"], ["timeline"]),
        (["jobstatus", "check", "--sel"], ["--select"]),
        (["jobstatus", "check", "--select", "outcome_"], ["outcome_left", "outcome_replaced"]),
        (["jobstatus", "check", "--fail-on", ""], ["error", "warning", "note"]),
        (["jobstatus", "explain", "nu"], ["null"]),
    ],
)
def test_a_shell_completes_commands_options_and_values(
    words: list[str], offered: list[str]
) -> None:
    """The shell runs the command with variables that hold its line."""
    assert complete(*words) == offered


def test_the_command_prints_its_completion_script() -> None:
    """`eval` of it turns the completion on."""
    done = subprocess.run(
        [sys.executable, "-m", "jobstatus"],
        capture_output=True,
        check=True,
        env=os.environ | {"_JOBSTATUS_COMPLETE": "source_bash"},
        text=True,
    )
    assert "complete -o default -F _jobstatus_completion jobstatus" in done.stdout
