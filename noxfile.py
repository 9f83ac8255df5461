"""Define the checks of CI. `nox -l` lists them, and a plain `nox` runs those with a star."""

from __future__ import annotations

import re
import shutil
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

import nox

nox.needs_version = ">=2026.10"
nox.options.default_venv_backend = "uv"
nox.options.download_python = "never"

PYTHONS = ("3.11", "3.12", "3.13", "3.14", "3.15")
# `readme` uses the first one and `wheel` the second. In the workflow, `tests` runs on each.
ENOUGH = "3.13"
nox.options.sessions = [
    "readme",
    f"tests-{ENOUGH}",
    "lowest",
    "node",
    "live",
    "lint",
    "typing",
    "docs",
    "build",
    "wheel",
    "fuzz",
]
PYTEST = ("python", "-m", "pytest", "-q", "-n", "auto")
# `readme` runs all tests. The other sessions repeat only those whose result could depend on the
# Python version or the dependencies.
ELSEWHERE = (
    *PYTEST,
    *("-m", "not sampling"),
    "--ignore=tests/test_typing.py",
    "--ignore=tests/test_scale_out.py",
    "--ignore=tests/test_compare.py",
    "--ignore=tests/browser",
    "--ignore=tests/live",
)
# These tests need the group `integrations`.
INTEGRATED = (
    "--ignore=src/jobstatus/fastapi",
    "--ignore=tests/serving",
    "--ignore=tests/test_fastapi.py",
    "--ignore=tests/test_other_libraries.py",
    "--ignore=tests/test_recipes.py",
    "--ignore=tests/test_service.py",
    "--ignore=tests/test_tutorial.py",
)
# What files and metadata of a wheel could break.
IN_WHEEL = (
    "tests/test_cli.py",
    "tests/test_contract.py",
    "tests/test_docs.py",
    "tests/test_main.py",
    "tests/test_package.py",
    "tests/test_plugin.py",
    "tests/test_public_api.py",
    "tests/test_sql.py",
    "tests/test_typing.py",
    "tests/stores",
)
# `quick` leaves these out: half the time of the tests, for the laws, Node and Hypothesis.
SLOW = (
    "--ignore=tests/laws",
    "--ignore=tests/node",
    "--ignore=tests/test_benchmarks.py",
    "--ignore=tests/test_machine.py",
    "--ignore=tests/test_plugin.py",
)
FEW = {"HYPOTHESIS_PROFILE": "few"}
# The least number of questions that each test asks Node, so that no test passes by asking nothing.
QUESTIONS = {
    "test_v8_and_the_library_write_any_job_the_same": 100_000,
    "test_node_and_the_library_read_a_damaged_document_the_same": 5_000,
    "test_node_and_the_library_read_a_document_of_the_strategies_the_same": 5_000,
    "test_all_three_accept_a_document_of_the_strategies": 2_500,
    "test_all_three_reject_an_invalid_payload_of_the_strategies": 2_500,
    "test_all_three_agree_on_damaged_documents": 2_500,
    "test_all_three_agree_on_dates_that_nearly_match_the_format": 2_500,
    "test_any_date_string_is_one_instant_in_every_zone_or_rejected": 20_000,
    "test_typescript_has_the_same_options": 17_000,
}
# Exact versions, so that a release of another project cannot break CI. `nox -s lock` renews them.
CONSTRAINTS = "constraints.txt"
# Celery and BullMQ pin versions that the other sessions should not have.
LIVE_CONSTRAINTS = "constraints-live.txt"
HOOKS = Path(".pre-commit-config.yaml")
# Tracked files that are not in the sdist, because only the hosts of the repository use them.
HOST = (".ci/", ".github/", ".gitattributes", ".readthedocs.yaml")


def install(session: nox.Session, *groups: str, constraints: str = CONSTRAINTS) -> None:
    """Install the project and some of its dependency groups, in the locked versions."""
    chosen = [part for group in groups for part in ("--group", group)]
    session.install("--constraints", constraints, "-e", ".[cli,hypothesis]", *chosen)


@nox.session(venv_backend="none")
def readme(session: nox.Session) -> None:
    """Run the two commands in the README. The second one runs the tests that need only Python."""
    text = Path("README.md").read_text(encoding="utf-8")
    lines = text.replace("\\\n", "").splitlines()  # joins lines as the shell does
    commands = [line for line in lines if line.startswith("python3 -m venv ")]
    if len(commands) != 2:  # noqa: PLR2004 - the heading above them says so
        session.error(f"expected two commands in README.md, got {len(commands)}")
    for command in commands:
        # The sessions `live` and `node` run the others.
        others = "--ignore=tests/live --ignore=tests/node --ignore=tests/browser"
        locked = {"PIP_CONSTRAINT": CONSTRAINTS, "PYTEST_ADDOPTS": others}
        session.run("bash", "-euo", "pipefail", "-c", command, env=locked)


@nox.session(default=False, reuse_venv=True)
def quick(session: nox.Session) -> None:
    """Check style and run the fast tests, in less than a minute; or only the given tests."""
    install(session, "test", "lint")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    chosen = session.posargs or ("tests", "src", "README.md")
    session.run(*ELSEWHERE, *INTEGRATED, *SLOW, *chosen, env=FEW)


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the tests on a CPython."""
    install(session, "test", "integrations")
    session.run(*ELSEWHERE, *session.posargs, env=FEW)


@nox.session(python=ENOUGH)
def lowest(session: nox.Session) -> None:
    """Run the tests with the lowest versions that pyproject.toml allows.

    On a recent CPython, because old versions fail there first.
    """
    everything = ("-e", ".[cli,hypothesis,msgspec]", "--group", "test")
    session.install("--resolution", "lowest-direct", *everything)
    session.run("uv", "pip", "list")
    session.run(*ELSEWHERE, *INTEGRATED, "--ignore=tests/node", "tests", "src", env=FEW)


@nox.session(python=ENOUGH, default=False)
def newest(session: nox.Session) -> None:
    """Run the tests with the newest versions of everything, which CI does every night."""
    requirements = ("-e", ".[cli,hypothesis]", "--group", "test", "--group", "integrations")
    session.install("--upgrade", *requirements)
    session.run("uv", "pip", "list")
    session.run(*ELSEWHERE, *session.posargs, env=FEW)


@nox.session(default=False)
def lock(session: nox.Session) -> None:
    """Renew the constraints and the versions of the pre-commit hooks."""
    for path, groups in (
        (CONSTRAINTS, ("dev", "build", "fuzz")),
        (LIVE_CONSTRAINTS, ("test", "live")),
    ):
        session.run(
            *("uv", "pip", "compile", "pyproject.toml", "--quiet", "--upgrade", "--universal"),
            *("--python-version", PYTHONS[0], "--all-extras"),
            *(part for group in groups for part in ("--group", group)),
            *("--no-annotate", "--no-emit-index-url", "--no-emit-find-links"),
            *("--custom-compile-command", "nox -s lock", "--output-file", path),
        )
    locked = Path(CONSTRAINTS).read_text(encoding="utf-8")
    text = HOOKS.read_text(encoding="utf-8")
    for name, version in re.findall(r"^([\w-]+)==(\S+)", locked, re.MULTILINE):
        text = re.sub(rf"(/{name}(?:-pre-commit)?\n +rev: v)\S+", rf"\g<1>{version}", text)
    HOOKS.write_text(text, encoding="utf-8")


def run_all(session: nox.Session, *options: str, env: Mapping[str, str]) -> ET.Element:
    """Run tests, fail if one was skipped, and return their report."""
    report = Path(session.create_tmp()).resolve() / "report.xml"
    session.run(*PYTEST, *options, f"--junitxml={report}", env=env)
    suite = ET.parse(report).getroot().find("testsuite")  # noqa: S314 - pytest's own
    if suite is None or suite.get("skipped") != "0":
        session.error("a test was skipped")
    return suite


@nox.session
def node(session: nox.Session) -> None:
    """Compare the library with Node, TypeScript, drivers and Chromium. No test is skipped."""
    install(session, "test", "integrations")
    for folder in ("tests/node", "tests/node/producers", "tests/browser"):
        session.run("npm", "ci", "--prefix", folder, "--no-audit", "--no-fund", external=True)
    # The session `docs` builds the site and tests it.
    chosen = ("tests/node", "tests/browser", "--ignore=tests/browser/test_site.py")
    suite = run_all(session, *chosen, env={"HYPOTHESIS_PROFILE": "many"})
    asked = dict.fromkeys(QUESTIONS, 0)
    for test in suite.iter("testcase"):
        name = (test.get("name") or "").partition("[")[0]
        found = test.find("properties/property[@name='questions']")
        asked[name] = asked.get(name, 0) + (0 if found is None else int(found.get("value", 0)))
    for name, number in asked.items():
        session.log(f"{number:>7,} questions to Node by {name}")
        if number < (least := QUESTIONS.get(name, 0)):
            session.error(f"{name}: expected at least {least:,} questions, got {number:,}")


# What only PostgreSQL runs is measured here. The rest is measured in `readme`.
POSTGRES = "src/jobstatus/stores/_postgres.py,src/jobstatus/stores/_postgres_connection.py"


@nox.session
def live(session: nox.Session) -> None:
    """Test stores, guards and queues with their servers and workers. None is skipped."""
    install(session, "test", "live", constraints=LIVE_CONSTRAINTS)
    folder = "tests/live/queues/node"
    session.run("npm", "ci", "--prefix", folder, "--no-audit", "--no-fund", external=True)
    measured = ("--cov=jobstatus.stores", "--cov-report=", "--cov-fail-under=0")
    run_all(session, "tests/live", *measured, env=FEW)
    session.run("coverage", "report", f"--include={POSTGRES}", "--omit=nothing", "--fail-under=100")


@nox.session(default=False)
def endurance(session: nox.Session) -> None:
    """Kill 80 writers of each store, and crash the server again and again."""
    install(session, "test", "live", constraints=LIVE_CONSTRAINTS)
    folder = "tests/live/queues/node"
    session.run("npm", "ci", "--prefix", folder, "--no-audit", "--no-fund", external=True)
    kills = {"JOBSTATUS_KILLS": "80", "HYPOTHESIS_PROFILE": "fixed"}
    chosen = ("-k", "killed or terminated or crashes or restart", "--durations=0", "-n", "0")
    run_all(session, "tests/stores", "tests/live", *chosen, env=kills)
    run_all(session, "tests/live/queues", env=kills)


@nox.session(python=ENOUGH)
def explore(session: nox.Session) -> None:
    """Try many new examples, different ones in each run."""
    install(session, "test", "integrations")
    session.run("npm", "ci", "--prefix", "tests/node", "--no-audit", "--no-fund", external=True)
    session.run(*PYTEST, "tests/laws", "tests/node", env={"HYPOTHESIS_PROFILE": "explore"})


@nox.session
def fuzz(session: nox.Session) -> None:
    """Fuzz every reader: 20 seconds with fixed inputs, or the given seconds with new ones."""
    install(session, "fuzz")
    seconds, *options = session.posargs or ("20", "-seed=1")
    session.run("python", "-m", "fuzz", f"-max_total_time={seconds}", *options)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, format, spelling and the workflows."""
    session.install("--constraints", CONSTRAINTS, "--group", "lint")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("codespell")
    session.run("zizmor", "--offline", "--quiet", "--persona=pedantic", ".github")


@nox.session
def typing(session: nox.Session) -> None:
    """Check types with mypy and pyright."""
    install(session, "dev")
    # The oldest Python, and the first one with copy.replace.
    for version in ("3.11", "3.13"):
        session.run("mypy", "--python-version", version)
        python = str(Path(session.bin) / "python")
        session.run("pyright", "--pythonpath", python, "--pythonversion", version)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation with warnings as errors. Check its links and its look in Chromium."""
    install(session, "docs", "test")
    for folder in ("docs", "tests/browser"):
        session.run("npm", "ci", "--prefix", folder, "--no-audit", "--no-fund", external=True)
    session.run("sphinx-build", "-W", "--keep-going", "-qE", "-b", "html", "docs", "docs/_build")
    session.run("lychee", "--offline", "--include-fragments", "--no-progress", "docs/_build")
    run_all(session, "tests/browser/test_site.py", env=FEW)


@nox.session(python=PYTHONS[0], default=False)
def mutants(session: nox.Session) -> None:
    """Put one fault at a time into the source, and check that a test fails (15 minutes)."""
    install(session, "mutation")
    session.run("python", "tasks/mutants.py", *session.posargs)


@nox.session
def build(session: nox.Session) -> None:
    """Build the sdist, and the wheel from it. Check their files and metadata."""
    session.install("--constraints", CONSTRAINTS, "--group", "build")
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
    """Fail if an archive has missing or unexpected files."""
    if got != expected:
        session.error(
            f"{archive.name}: missing {sorted(expected - got)}, unexpected {sorted(got - expected)}"
        )
    session.log(f"{archive.name}: {len(got)} files, {archive.stat().st_size:,} bytes")


@nox.session(python=PYTHONS[1], requires=["build"])
def wheel(session: nox.Session) -> None:
    """Test what a wheel could lack with the tests of the sdist, away from src."""
    (archive,) = Path("dist").resolve().glob("*.whl")
    requirements = (f"{archive}[cli,hypothesis]", "--group", "typing")
    session.install("--constraints", CONSTRAINTS, *requirements)
    away = Path(session.create_tmp()).resolve() / "away"
    shutil.rmtree(away, ignore_errors=True)
    with tarfile.open(next(Path("dist").glob("*.tar.gz"))) as sdist:
        sdist.extractall(away, filter="data")
    (project,) = away.iterdir()
    shutil.rmtree(project / "src")
    session.chdir(project)
    # The code is that of the other sessions. A wheel can lack a file, or a name.
    session.run(*PYTEST, *IN_WHEEL, "docs", "README.md", env=FEW)
    session.run("python", "-W", "error", "-c", "import jobstatus; print(jobstatus.__file__)")
