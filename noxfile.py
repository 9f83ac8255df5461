"""All that .ci/run does; `nox -l` lists it, and `nox` runs what has a star."""

from __future__ import annotations

import shutil
import tarfile
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import nox

nox.needs_version = ">=2026.10"
nox.options.default_venv_backend = "uv"
nox.options.download_python = "never"

PYTHONS = ("3.11", "3.12", "3.13", "3.14", "3.15")
# `readme` has the first of them, and `wheel` the second; the workflow runs `tests` on each.
ENOUGH = "3.13"
nox.options.sessions = [
    "readme",
    f"tests-{ENOUGH}",
    "lowest",
    "node",
    "lint",
    "typing",
    "docs",
    "build",
    "wheel",
    "fuzz",
]
# By file, for the examples of a page build on one another.
PYTEST = ("python", "-m", "pytest", "-q", "-n", "auto", "--dist", "loadfile")
# The README's command has tested the laws, the types, the example on Dask and the comparisons with
# peers. The others ask if the library is the same elsewhere.
ELSEWHERE = (
    *PYTEST,
    *("-m", "not sampling"),
    "--ignore=tests/test_typing.py",
    "--ignore=tests/test_scale_out.py",
    "--ignore=tests/test_compare.py",
    "--ignore=tests/test_comparison.py",
)
# What needs the group `integrations`.
INTEGRATED = ("--ignore=tests/test_fastapi.py", "--ignore=tests/test_service.py")
FEW = {"HYPOTHESIS_PROFILE": "few"}
# How many questions each of these puts to Node, at least: one for each case that Hypothesis makes,
# but two for a job, which Node writes and reads.
QUESTIONS = {
    "test_any_job_is_written_as_v8_writes_it": 100_000,
    "test_a_damaged_document_is_read_as_node_reads_it": 5_000,
    "test_a_document_of_the_kit_is_read_as_node_reads_it": 5_000,
    "test_all_three_accept_a_document_of_the_kit": 2_500,
    "test_all_three_refuse_an_invalid_payload_of_the_kit": 2_500,
    "test_all_three_agree_on_documents_that_are_damaged": 2_500,
    "test_all_three_agree_on_dates_near_the_format": 2_500,
    "test_any_date_string_is_one_instant_or_refused": 20_000,
}
# What the sdist leaves out of what git has: what is for the repository's host alone.
HOST = (".ci/", ".github/", ".gitattributes")


def install(session: nox.Session, *groups: str) -> None:
    """Install the project and some of its dependency groups."""
    chosen = [part for group in groups for part in ("--group", group)]
    session.install("-e", ".[cli,hypothesis]", *chosen)


@nox.session(venv_backend="none")
def readme(session: nox.Session) -> None:
    """Run the README's two commands as they stand there: the second runs the tests."""
    lines = Path("README.md").read_text(encoding="utf-8").splitlines()
    commands = [line for line in lines if line.startswith("python3 -m venv ")]
    if len(commands) != 2:  # noqa: PLR2004 - the heading above them says so
        session.error(f"expected two commands in README.md, got {len(commands)}")
    for command in commands:
        session.run("bash", "-euo", "pipefail", "-c", command)


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the tests on a CPython."""
    install(session, "test", "integrations")
    session.run(*ELSEWHERE, *session.posargs, env=FEW)


@nox.session(python=ENOUGH)
def lowest(session: nox.Session) -> None:
    """Run the tests with the lowest versions that the project says it works with.

    On a late CPython, for old versions fail there first.
    """
    everything = ("-e", ".[cli,hypothesis,msgspec]", "--group", "test")
    session.install("--resolution", "lowest-direct", *everything)
    session.run("uv", "pip", "list")
    session.run(*ELSEWHERE, *INTEGRATED, "--ignore=tests/node", "tests", "src", env=FEW)


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


@nox.session(python=ENOUGH)
def explore(session: nox.Session) -> None:
    """Look further than CI does: new examples in each run, and many."""
    install(session, "test", "integrations")
    session.run("npm", "ci", "--prefix", "tests/node", "--no-audit", "--no-fund", external=True)
    session.run(*PYTEST, "tests/laws", "tests/node", env={"HYPOTHESIS_PROFILE": "explore"})


@nox.session
def fuzz(session: nox.Session) -> None:
    """Fuzz what reads: the same inputs for 20 seconds, or others for as many as are given."""
    install(session, "fuzz")
    seconds, *options = session.posargs or ("20", "-seed=1")
    session.run("python", "-m", "fuzz", f"-max_total_time={seconds}", *options)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, format and the workflows."""
    session.install("--group", "lint")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("zizmor", "--offline", "--quiet", "--persona=pedantic", ".github")


@nox.session
def typing(session: nox.Session) -> None:
    """Check types with mypy and pyright."""
    install(session, "dev")
    session.run("mypy")
    session.run("pyright", "--pythonpath", str(Path(session.bin) / "python"))


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation, warnings as errors, and follow each link that stays in it."""
    install(session, "docs")
    session.run("npm", "ci", "--prefix", "docs", "--no-audit", "--no-fund", external=True)
    session.run("sphinx-build", "-W", "--keep-going", "-qE", "-b", "html", "docs", "docs/_build")
    session.run("lychee", "--offline", "--include-fragments", "--no-progress", "docs/_build")


@nox.session(python=PYTHONS[0], default=False)
def mutants(session: nox.Session) -> None:
    """Put faults into the source, one at a time, and see the tests notice (15 minutes)."""
    install(session, "mutation")
    session.run("python", "mutants.py", *session.posargs)


@nox.session
def build(session: nox.Session) -> None:
    """Build the sdist, and the wheel from it; check what is in them and what they say."""
    session.install("--group", "build")
    shutil.rmtree("dist", ignore_errors=True)
    session.run("uv", "build", "--quiet")
    (sdist,), (wheel,) = Path("dist").glob("*.tar.gz"), Path("dist").glob("*.whl")
    listed = session.run("git", "ls-files", external=True, silent=True)
    tracked = {name for name in str(listed).splitlines() if not name.startswith(HOST)}
    with tarfile.open(sdist) as archive:
        packed = {name.partition("/")[2] for name in archive.getnames()}
    expect(session, sdist, packed, tracked | {"PKG-INFO"})
    sources = {name.removeprefix("src/") for name in tracked if name.startswith("src/")}
    about = f"{'-'.join(wheel.name.split('-')[:2])}.dist-info"
    parts = ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE")
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    expect(session, wheel, packed, sources | {f"{about}/{part}" for part in parts})
    session.run("twine", "check", "--strict", str(sdist), str(wheel))


def expect(session: nox.Session, archive: Path, got: set[str], expected: set[str]) -> None:
    """Fail if an archive has another file than it should, or lacks one."""
    if got != expected:
        session.error(
            f"{archive.name}: lacks {sorted(expected - got)}, has too {sorted(got - expected)}"
        )
    session.log(f"{archive.name}: {len(got)} files, {archive.stat().st_size:,} bytes")


@nox.session(python=PYTHONS[1], requires=["build"])
def wheel(session: nox.Session) -> None:
    """Test the wheel away from src, with what the sdist has."""
    (archive,) = Path("dist").resolve().glob("*.whl")
    session.install(f"{archive}[cli,hypothesis]", "--group", "typing")
    away = Path(session.create_tmp()).resolve() / "away"
    shutil.rmtree(away, ignore_errors=True)
    with tarfile.open(next(Path("dist").glob("*.tar.gz"))) as sdist:
        sdist.extractall(away, filter="data")
    (project,) = away.iterdir()
    shutil.rmtree(project / "src")
    session.chdir(project)
    session.run(*ELSEWHERE, "--ignore=tests/node", "tests", "docs", "README.md", env=FEW)
    session.run("python", "-m", "pytest", "-q", "tests/test_typing.py")
    session.run("python", "-W", "error", "-c", "import jobstatus; print(jobstatus.__file__)")
