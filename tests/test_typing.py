"""Type checkers accept every promised use of the API and reject every misuse."""

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
from jobstatus import IllegalTransitionError
from typing_tests import unseen

ROOT = Path(__file__).parent.parent
PACKAGE = Path(jobstatus.__file__).parent
Check = Callable[[Path, str], tuple[int, list[int]]]
# The oldest Python, and the first one with copy.replace.
VERSIONS = ["3.11", "3.13"]
MARK = re.compile(r"  # type: ignore\[.*")
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md")), *sorted(DOCS.glob("integrations/*.md"))]
SNIPPET = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
# The end of the text before a snippet that a later one may import.
NAMED = re.compile(r"`(\w+\.py)`:\n\n\Z")
# Pages of which no snippet is checked, each with the reason.
UNCHECKED = {"django.md": "Django has no types"}
MYPY_ERROR = re.compile(r"^(?P<file>[^:]+):(?P<line>\d+): error: ", re.MULTILINE)


def extract_snippets(directory: Path) -> dict[Path, str]:
    """Write each Python snippet to a file of its own, and return the files with their pages."""
    files: dict[Path, str] = {}
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for snippet in SNIPPET.finditer(text):
            before = text.count("\n", 0, snippet.start(1))
            name = f"{page.stem.replace('-', '_')}_line_{before + 1}.py"
            # The padding keeps the page's line numbers.
            (directory / name).write_text("#\n" * before + snippet[1], encoding="utf-8")
            if named := NAMED.search(text[: snippet.start()]):
                (directory / named[1]).write_text(snippet[1], encoding="utf-8")
            files[directory / name] = page.name
    return files


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a module with this interpreter, in the root of the project."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        [sys.executable, "-m", *command],
        capture_output=True,
        check=False,
        cwd=ROOT,
        # pyright --verifytypes runs the first Python on PATH and ignores editable installations.
        env=os.environ | {"PYTHONPATH": str(PACKAGE.parent), "PATH": path},
        text=True,
    )


def mypy(path: Path, version: str) -> tuple[int, list[int]]:
    """Return mypy's exit code and the numbers of the lines with errors."""
    done = run("mypy", "--strict", "--python-version", version, str(path))
    return done.returncode, [int(match["line"]) for match in MYPY_ERROR.finditer(done.stdout)]


def pyright(path: Path, version: str) -> tuple[int, list[int]]:
    """Return pyright's exit code and the numbers of the lines with errors."""
    options = ("--pythonpath", sys.executable, "--pythonversion", version, "--outputjson")
    done = run("pyright", *options, str(path))
    diagnostics = json.loads(done.stdout)["generalDiagnostics"]
    return done.returncode, [found["range"]["start"]["line"] + 1 for found in diagnostics]


def ty(path: Path, version: str) -> tuple[int, list[int]]:
    """Return ty's exit code and the numbers of the lines with errors."""
    options = ("--python", sys.prefix, "--python-version", version, "--output-format", "concise")
    done = run("ty", "check", *options, str(path))
    return done.returncode, [int(line) for line in re.findall(r":(\d+):\d+: error", done.stdout)]


def pyrefly(path: Path, version: str) -> tuple[int, list[int]]:
    """Return pyrefly's exit code and the numbers of the lines with errors."""
    options = ("--preset", "default", "--python-interpreter-path", sys.executable)
    output = ("--python-version", version, "--output-format", "json")
    done = run("pyrefly", "check", *options, *output, str(path))
    return done.returncode, [found["line"] for found in json.loads(done.stdout)["errors"]]


CHECKS = [mypy, pyright, ty, pyrefly]


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_each_snippet_of_the_docs_passes_when_pasted_alone(
    checker: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error names the page and the line in the file's name, and the line on the page."""
    pages = extract_snippets(tmp_path)
    assert set(UNCHECKED) <= set(pages.values())
    checked = [str(file) for file, page in pages.items() if page not in UNCHECKED]
    assert len(checked) > 55
    # Both need to know the folder, to find the modules that a snippet imports.
    monkeypatch.setenv("MYPYPATH", str(tmp_path))
    config = {
        "extends": str(ROOT / "pyproject.toml"),
        "extraPaths": [str(ROOT)],
        "include": [Path(path).name for path in checked],
    }
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(config), encoding="utf-8")
    options = {
        "mypy": ("--strict", *checked),
        "pyright": ("--pythonpath", sys.executable, "--project", str(tmp_path)),
    }
    done = run(checker, *options[checker])
    assert done.returncode == 0, done.stdout.replace(f"{tmp_path}{os.sep}", "") + done.stderr


def test_every_python_block_of_the_docs_is_extracted(tmp_path: Path) -> None:
    """A fence that the pattern misses, such as an indented one, would go unchecked."""
    lines = [line for page in PAGES for line in page.read_text(encoding="utf-8").splitlines()]
    blocks = [line for line in lines if re.match(r" *```+ *(python|py)\b", line)]
    assert len(extract_snippets(tmp_path)) == len(blocks) > 60


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("check", CHECKS)
def test_type_checkers_accept_every_promised_use(check: Check, version: str) -> None:
    """They report no error in usage.py, which has a part for Python 3.13 only."""
    assert check(ROOT / "typing_tests" / "usage.py", version) == (0, [])


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("check", CHECKS)
def test_type_checkers_reject_every_misuse(check: Check, version: str, tmp_path: Path) -> None:
    """Without its ignore comments, misuse.py has errors in exactly the lines that had one."""
    marked = (ROOT / "typing_tests" / "misuse.py").read_text()
    wrong = {n for n, line in enumerate(marked.splitlines(), start=1) if MARK.search(line)}
    bare = tmp_path / "misuse.py"
    bare.write_text(MARK.sub("", marked))
    code, refused = check(bare, version)
    assert code == 1
    assert set(refused) == wrong
    assert len(wrong) > 30


@pytest.mark.parametrize("check", [mypy, pyright])
def test_type_checkers_do_not_see_some_illegal_transitions(check: Check) -> None:
    """The documentation lists them, so that nobody relies on a checker there."""
    assert check(ROOT / "typing_tests" / "unseen.py", VERSIONS[0]) == (0, [])


@pytest.mark.parametrize("illegal", unseen.FUNCTIONS, ids=lambda function: function.__name__)
def test_an_unseen_transition_is_rejected_at_run_time(illegal: Callable[[], None]) -> None:
    """Each function in unseen.py does one illegal transition."""
    with pytest.raises(IllegalTransitionError):
        illegal()


def test_the_public_api_is_typed_completely() -> None:
    """Pyright must know the type of every public name."""
    options = ("--pythonpath", sys.executable, "--ignoreexternal")
    done = run("pyright", *options, "--verifytypes", "jobstatus")
    assert "Type completeness score: 100%" in done.stdout, done.stdout
    assert done.returncode == 0


def test_the_package_is_marked_as_typed() -> None:
    """Type checkers look for the marker file of PEP 561."""
    assert (PACKAGE / "py.typed").is_file()
