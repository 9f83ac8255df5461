"""The door of the command line."""

from __future__ import annotations

import io
import runpy
import subprocess
import sys
import tomllib
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path

import pytest

from jobstatus import __main__

PYPROJECT = Path(__file__).parent.parent / "pyproject.toml"


def test_python_m_jobstatus_is_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its arguments are the process's."""
    monkeypatch.setattr(sys, "argv", ["jobstatus", "--version"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(__main__.__file__, run_name="__main__")
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("jobstatus ")


def test_output_that_cannot_be_written_is_exit_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one line, as tests/test_cli.py sees from outside on a full device."""

    def full(**_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("jobstatus.cli.app", full)
    monkeypatch.setattr(sys, "stdout", io.StringIO())  # which is closed
    with pytest.raises(SystemExit) as ended:
        __main__.main()
    assert ended.value.code == 2
    assert capsys.readouterr().err == "jobstatus: standard output: No space left on device\n"


def test_streams_of_another_kind_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard output may be replaced by what is no text over bytes."""
    monkeypatch.setattr(sys, "argv", ["jobstatus", "--version"])
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    with pytest.raises(SystemExit) as ended:
        __main__.main()
    assert ended.value.code == 0


def test_importing_the_door_runs_nothing() -> None:
    """Only running it does."""
    assert runpy.run_path(__main__.__file__, run_name="imported")["main"]


def test_the_console_script_is_the_same_door() -> None:
    """The name in the project's table is the function."""
    scripts = tomllib.loads(PYPROJECT.read_text())["project"]["scripts"]
    assert scripts == {"jobstatus": f"jobstatus.__main__:{__main__.main.__name__}"}


@pytest.mark.parametrize("missing", ["typer", "rich"])
def test_without_the_extra_one_line_says_what_to_install(
    missing: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And the exit code is that of what could not run."""

    def find(name: str) -> ModuleSpec | None:
        return None if name == missing else find_spec(name)

    monkeypatch.setattr(__main__, "find_spec", find)
    with pytest.raises(SystemExit) as ended:
        __main__.main()
    assert ended.value.code == 2
    assert capsys.readouterr() == (
        "",
        "jobstatus: expected typer and rich: pip install 'jobstatus[cli]'\n",
    )


def test_without_the_extra_the_library_works() -> None:
    """No module of the command line is needed to read and write."""
    program = (
        "import sys; sys.modules['typer'] = sys.modules['rich'] = None\n"
        "import jobstatus; print(jobstatus.JobStatus.queued('a').to_json())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout == b'{"id":"a","status":"queued"}\n'
