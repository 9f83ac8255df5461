"""What .ci/run runs after the README's test command; `nox -l` lists it."""

from __future__ import annotations

import shutil
import tomllib
from itertools import chain
from pathlib import Path
from xml.etree import ElementTree as ET

import nox

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "virtualenv"
nox.options.error_on_missing_interpreters = False

PYTHONS = ("3.11", "3.12", "3.13")
# By file, for the examples of a page build on one another.
PYTEST = ("python", "-m", "pytest", "-q", "-n", "auto", "--dist", "loadfile")
# The README's command has tested the laws, the types, the example on Dask and the comparison with
# peers. The others ask if the library is the same elsewhere.
ELSEWHERE = (
    *PYTEST,
    *("-m", "not sampling"),
    *("--ignore=tests/test_typing.py", "--ignore=tests/test_scale_out.py"),
    "--ignore=tests/test_compare.py",
)
# What needs the group `integrations`.
INTEGRATED = ("tests/test_fastapi.py", "tests/test_service.py")
FEW = {"HYPOTHESIS_PROFILE": "few"}
# How many questions each of these puts to Node, at least: one for each case that Hypothesis makes,
# but two for a job, which Node writes and reads.
QUESTIONS = {
    "test_any_job_is_written_as_v8_writes_it": 100_000,
    "test_a_damaged_document_is_read_as_node_reads_it": 10_000,
    "test_a_document_of_the_kit_is_read_as_node_reads_it": 10_000,
    "test_all_three_accept_a_document_of_the_kit": 10_000,
    "test_all_three_refuse_an_invalid_payload_of_the_kit": 10_000,
    "test_all_three_agree_on_documents_that_are_damaged": 10_000,
    "test_all_three_agree_on_dates_near_the_format": 10_000,
    "test_any_date_string_is_one_instant_or_refused": 20_000,
}
PROJECT = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))


def install(session: nox.Session, *groups: str) -> None:
    """Install the project and some of its dependency groups, with a pip that knows groups."""
    session.install("pip>=25.1")
    chosen = [part for group in groups for part in ("--group", group)]
    session.install("-e", ".[cli,hypothesis]", *chosen)


@nox.session(python=(PYTHONS[0], PYTHONS[-1]))
def tests(session: nox.Session) -> None:
    """Run the tests on the first and the last CPython; `wheel` has the one between."""
    install(session, "test", "integrations")
    session.run(*ELSEWHERE, *session.posargs, env=FEW)


@nox.session(python=PYTHONS[-1])
def lowest(session: nox.Session) -> None:
    """Run the tests with the lowest versions that the project says it works with.

    On the last CPython, for old versions fail there first.
    """
    project = PROJECT["project"]
    extras: dict[str, list[str]] = project["optional-dependencies"]
    bounds: list[str] = [*project["dependencies"], *chain.from_iterable(extras.values())]
    pins = [bound.replace(">=", "==") for bound in bounds]
    session.install("pip>=25.1")
    pins.append("pydantic==2.8.0")  # as docs/compatibility.md says
    session.install("-e", ".[cli,hypothesis]", *pins, "--group", "test")
    session.run("python", "-m", "pip", "list")
    left = ("tests/node", *INTEGRATED)
    session.run(*ELSEWHERE, *(f"--ignore={path}" for path in left), "tests", "src", env=FEW)


@nox.session
def node(session: nox.Session) -> None:
    """Compare with Node and TypeScript, many times over; nothing may be skipped."""
    install(session, "test", "integrations")
    session.run("npm", "ci", "--prefix", "tests/node", "--no-audit", "--no-fund", external=True)
    report = Path(session.create_tmp()).resolve() / "report.xml"
    profile = {"HYPOTHESIS_PROFILE": "many"}
    session.run(*PYTEST, "tests/node", f"--junitxml={report}", env=profile)
    suite = ET.parse(report).getroot().find("testsuite")  # noqa: S314 - pytest's own
    if suite is None or suite.get("skipped") != "0":
        session.error("a comparison was skipped")
    asked = dict.fromkeys(QUESTIONS, 0)
    for test in suite.iter("testcase"):
        name = (test.get("name") or "").partition("[")[0]
        found = test.find("properties/property[@name='questions']")
        asked[name] = asked.get(name, 0) + (0 if found is None else int(found.get("value", 0)))
    for name, number in asked.items():
        session.log(f"{number:>7,} questions to Node by {name}")
        if number < (least := QUESTIONS.get(name, 0)):
            session.error(f"{name}: expected at least {least:,} questions, got {number:,}")


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and format."""
    install(session, "lint")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")


@nox.session
def typing(session: nox.Session) -> None:
    """Check types with mypy and pyright."""
    install(session, "dev")
    session.run("mypy")
    session.run("pyright", "--pythonpath", str(Path(session.bin) / "python"))


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation, warnings as errors."""
    install(session, "docs")
    session.run("sphinx-build", "-W", "--keep-going", "-q", "-b", "html", "docs", "docs/_build")


@nox.session(python=PYTHONS[1])
def wheel(session: nox.Session) -> None:
    """Build the sdist and the wheel from it, and test the wheel away from src."""
    session.install("pip>=25.1")
    session.install("build", "--group", "typing")
    built = Path(session.create_tmp()).resolve()
    shutil.rmtree(built)
    session.run("python", "-m", "build", "-q", "--outdir", str(built))
    (archive,) = built.glob("*.whl")
    session.install(f"{archive}[cli,hypothesis]")
    away = built / "away"
    kept = (
        "tests",
        "typing_tests",
        "examples",
        "benchmarks",
        "contract",
        "docs",
        "conftest.py",
        "pyproject.toml",
        "README.md",
    )
    for name in kept:
        if Path(name).is_dir():
            shutil.copytree(
                name,
                away / name,
                ignore=shutil.ignore_patterns("_build", "__pycache__", "node_modules"),
            )
        else:
            shutil.copy(name, away / name)
    session.chdir(away)
    session.run(*ELSEWHERE, "--ignore=tests/node", "tests", "docs", "README.md", env=FEW)
    session.run("python", "-m", "pytest", "-q", "tests/test_typing.py")
    session.run("python", "-W", "error", "-c", "import jobstatus; print(jobstatus.__file__)")
