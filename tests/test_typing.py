"""Type checkers know what the library promises, and refuse what it forbids."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import jobstatus

ROOT = Path(__file__).parent.parent
PACKAGE = Path(jobstatus.__file__).parent
Check = Callable[[Path], tuple[int, list[int]]]
MARK = re.compile(r"  # type: ignore\[.*")
MYPY_ERROR = re.compile(r"^(?P<file>[^:]+):(?P<line>\d+): error: ", re.MULTILINE)


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a module of this interpreter's environment in the project."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        [sys.executable, "-m", *command],
        capture_output=True,
        check=False,
        cwd=ROOT,
        # pyright's --verifytypes follows no editable installation, and asks the Python of the path.
        env=os.environ | {"PYTHONPATH": str(PACKAGE.parent), "PATH": path},
        text=True,
    )


def mypy(path: Path) -> tuple[int, list[int]]:
    """Return mypy's exit code and the lines that it refuses."""
    done = run("mypy", "--strict", str(path))
    return done.returncode, [int(match["line"]) for match in MYPY_ERROR.finditer(done.stdout)]


def pyright(path: Path) -> tuple[int, list[int]]:
    """Return pyright's exit code and the lines that it refuses."""
    done = run("pyright", "--pythonpath", sys.executable, "--outputjson", str(path))
    diagnostics = json.loads(done.stdout)["generalDiagnostics"]
    return done.returncode, [found["range"]["start"]["line"] + 1 for found in diagnostics]


@pytest.mark.parametrize("check", [mypy, pyright])
def test_what_is_promised_is_known(check: Check) -> None:
    """No line of usage.py is refused."""
    assert check(ROOT / "typing_tests" / "usage.py") == (0, [])


@pytest.mark.parametrize("check", [mypy, pyright])
def test_what_is_forbidden_is_refused(check: Check, tmp_path: Path) -> None:
    """Without its marks, misuse.py is refused in each line that had one, and in no other."""
    marked = (ROOT / "typing_tests" / "misuse.py").read_text()
    wrong = {n for n, line in enumerate(marked.splitlines(), start=1) if MARK.search(line)}
    bare = tmp_path / "misuse.py"
    bare.write_text(MARK.sub("", marked))
    code, refused = check(bare)
    assert code == 1
    assert set(refused) == wrong
    assert len(wrong) > 30


def test_the_public_api_is_typed_completely() -> None:
    """Pyright finds a known type for every public name."""
    options = ("--pythonpath", sys.executable, "--ignoreexternal")
    done = run("pyright", *options, "--verifytypes", "jobstatus")
    assert "Type completeness score: 100%" in done.stdout, done.stdout
    assert done.returncode == 0


def test_the_package_says_that_it_is_typed() -> None:
    """PEP 561's marker is installed."""
    assert (PACKAGE / "py.typed").is_file()
