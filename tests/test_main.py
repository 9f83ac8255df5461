"""The entry point of the command line."""

from __future__ import annotations

import io
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import jobstatus
from jobstatus import __main__

PYPROJECT = Path(__file__).parent.parent / "pyproject.toml"


def test_python_m_jobstatus_runs_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It uses the arguments of the process."""
    monkeypatch.setattr(sys, "argv", ["jobstatus", "--version"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(__main__.__file__, run_name="__main__")
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("jobstatus ")


def test_a_failed_write_is_exit_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The error is one line. tests/test_cli.py tests the same with a full device."""

    def full(**_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("jobstatus.cli.app", full)
    monkeypatch.setattr(sys, "stdout", io.StringIO())  # main() closes it
    with pytest.raises(SystemExit) as ended:
        __main__.main()
    assert ended.value.code == 2
    assert capsys.readouterr().err == "jobstatus: standard output: No space left on device\n"


def test_a_stream_that_cannot_be_flushed_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The interpreter would flush it again at exit, and exit with 120."""

    class Broken(io.StringIO):
        """A text stream on a closed pipe."""

        def flush(self) -> None:
            """Fail."""
            raise BrokenPipeError(32, "Broken pipe")

    output = Broken()

    def ended_by_a_closed_pipe(**_: object) -> None:
        try:
            output.flush()
        except BrokenPipeError:
            sys.exit(1)

    monkeypatch.setattr("jobstatus.cli.app", ended_by_a_closed_pipe)
    monkeypatch.setattr(sys, "stdout", output)
    with pytest.raises(SystemExit) as ended:
        __main__.main()
    assert ended.value.code == 2
    assert output.closed


def test_standard_output_may_be_any_text_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    """A replacement may lack the stream of bytes below it."""
    monkeypatch.setattr(sys, "argv", ["jobstatus", "--version"])
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    with pytest.raises(SystemExit) as ended:
        __main__.main()
    assert ended.value.code == 0


def test_importing_the_entry_point_runs_nothing() -> None:
    """Only running the module runs the command."""
    assert runpy.run_path(__main__.__file__, run_name="imported")["main"]


def test_the_console_script_is_the_same_entry_point() -> None:
    """pyproject.toml names the function."""
    scripts = tomllib.loads(PYPROJECT.read_text())["project"]["scripts"]
    assert scripts == {"jobstatus": f"jobstatus.__main__:{__main__.main.__name__}"}


def forget_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the command's modules, so that the next import loads them again."""
    monkeypatch.delattr(jobstatus, "cli", raising=False)
    for name in [name for name in sys.modules if f"{name}.".startswith("jobstatus.cli.")]:
        monkeypatch.delitem(sys.modules, name)


@pytest.mark.parametrize("missing", ["typer", "rich"])
def test_a_missing_extra_is_one_line_with_the_install_command(
    missing: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit code is 2."""
    forget_the_command(monkeypatch)
    for name in [missing, *(name for name in sys.modules if name.startswith(f"{missing}."))]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(SystemExit) as ended:
        __main__.main()
    assert ended.value.code == 2
    assert capsys.readouterr() == (
        "",
        "jobstatus: the command needs typer and rich: pip install 'jobstatus[cli]'\n",
    )


def test_other_import_errors_are_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    """Installing the extra would not help."""
    forget_the_command(monkeypatch)
    monkeypatch.setitem(sys.modules, "jobstatus.history", None)
    with pytest.raises(ModuleNotFoundError, match=r"jobstatus\.history"):
        __main__.main()


def test_the_library_works_without_the_extra() -> None:
    """Reading and writing import no module of the command line."""
    program = (
        "import sys; sys.modules['typer'] = sys.modules['rich'] = None\n"
        "import jobstatus; print(jobstatus.JobStatus.queued('a').to_json())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout == b'{"id":"a","status":"queued"}\n'
