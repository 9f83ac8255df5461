"""The plugin registers JobStatus with Hypothesis, and never breaks or slows down Hypothesis."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import _jobstatus_hypothesis
import jobstatus

PLUGIN = Path(_jobstatus_hypothesis.__file__)
PACKAGE = Path(jobstatus.__file__).parent


def run(program: str, *path: Path, **variables: str) -> str:
    """Run a program in a new process, and return its output."""
    environment = {name: value for name, value in os.environ.items() if "COV" not in name}
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        check=False,
        env=environment | {"PYTHONPATH": os.pathsep.join(map(str, path))} | variables,
        text=True,
    )
    assert not done.returncode, done.stderr
    return done.stdout.strip()


IMPORTS = [
    pytest.param("import jobstatus\nimport hypothesis", id="jobstatus first"),
    pytest.param("import hypothesis\nimport jobstatus", id="hypothesis first"),
]
USES = """
import dataclasses, typing
import attrs
from hypothesis import find, strategies as st
from jobstatus import JobState, JobStatus, Queued, Failed, Completed

@attrs.frozen
class Page:
    jobs: list[JobStatus]

@dataclasses.dataclass
class Reply:
    job: JobStatus[Failed]

def handle(job: JobStatus[Queued | Completed]) -> JobStatus[typing.Any]:
    return job

print(find(st.from_type(JobStatus), lambda job: job.error is not None))
print(find(st.from_type(JobStatus[Queued]), lambda job: job.progress is not None))
print(find(st.from_type(JobState), lambda state: state > "p"))
print(find(st.builds(Page), lambda page: page.jobs))
print(find(st.builds(Reply), bool))
for state in ("queued", "completed"):
    print(find(st.builds(handle), lambda job: job.status == state))
"""


@pytest.mark.parametrize("imports", IMPORTS)
def test_from_type_works_without_importing_the_strategies(imports: str) -> None:
    """It draws JobStatus, parametrised or not, JobState, and classes with a job."""
    assert run(imports + USES).splitlines() == [
        "JobStatus('', 'queued', error='')",
        "JobStatus('', 'queued', progress=0.0)",
        "queued",
        "Page(jobs=[JobStatus('', 'queued')])",
        "Reply(job=JobStatus('', 'failed'))",
        "JobStatus('', 'queued')",
        "JobStatus('', 'completed')",
    ]


@pytest.mark.parametrize("imports", IMPORTS)
def test_from_type_draws_codecs_and_lifecycles(imports: str) -> None:
    """Hypothesis alone would draw options and tables that are invalid."""
    program = """
from hypothesis import find, strategies as st
codec = find(st.from_type(jobstatus.Codec), lambda codec: codec.null != "reject")
lifecycle = find(st.from_type(jobstatus.Lifecycle), lambda lifecycle: lifecycle.initial > "q")
print(codec.null, lifecycle.initial)
"""
    assert run(f"{imports}\nimport jobstatus{program}") == "absent queued"


FAILED_IMPORT = """
import sys
try:
    import hypothesis
except ZeroDivisionError:
    import jobstatus
    print("_jobstatus_hypothesis" in sys.modules, jobstatus.JobStatus.queued("a"))
"""


def test_a_failed_import_of_hypothesis_does_not_break_the_package(tmp_path: Path) -> None:
    """Python forgets the failed import, but not our plugin, which it loaded before."""
    (tmp_path / "other-1.dist-info").mkdir()
    (tmp_path / "other-1.dist-info" / "METADATA").write_text("Name: other\nVersion: 1\n")
    entry = "[hypothesis]\njobstatus = _jobstatus_hypothesis:register\nother = other_plugin:run\n"
    (tmp_path / "other-1.dist-info" / "entry_points.txt").write_text(entry)
    (tmp_path / "other_plugin.py").write_text("1 / 0\n")
    assert run(FAILED_IMPORT, tmp_path) == "True JobStatus('a', 'queued')"


def test_without_hypothesis_nothing_is_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package calls the plugin, which must not import Hypothesis."""
    monkeypatch.delitem(sys.modules, "hypothesis")
    _jobstatus_hypothesis.register()
    assert "hypothesis" not in sys.modules


def test_importing_hypothesis_loads_only_the_plugin() -> None:
    """The plugin is one module that needs only the standard library."""
    program = "import hypothesis, importlib.metadata, sys\nprint(*sys.modules)"
    without = set(run(program, HYPOTHESIS_NO_PLUGINS="1").split())
    added = set(run(program).split()) - without
    assert {name for name in added if "jobstatus" in name} == {"_jobstatus_hypothesis"}
    assert added.isdisjoint({"attrs", "cattrs", "dateutil", "typing_extensions"})


@pytest.mark.parametrize("imports", IMPORTS)
def test_the_strategies_are_loaded_at_the_first_draw(imports: str) -> None:
    """Importing Hypothesis and jobstatus loads no cattrs and no dateutil either."""
    program = """
import sys
from hypothesis import find, strategies as st
late = {"cattrs", "dateutil", "jobstatus.strategies"}
print(len(late & sys.modules.keys()))
find(st.from_type(jobstatus.JobStatus), lambda job: True)
print("jobstatus.strategies" in sys.modules)
"""
    assert run(imports + program).split() == ["0", "True"]


def test_drawing_base_types_does_not_draw_jobs() -> None:
    """Examples are Hashable and object, of which JobStatus is a subclass."""
    program = """
from collections.abc import Hashable
from hypothesis import given, settings, strategies as st

@settings(max_examples=300, derandomize=True, database=None)
@given(st.from_type(Hashable) | st.from_type(object))
def check(value):
    assert not isinstance(value, jobstatus.JobStatus)

check()
"""
    assert run("import jobstatus\n" + program) == ""


@pytest.mark.parametrize("imports", IMPORTS)
def test_an_environment_variable_disables_the_plugin(imports: str) -> None:
    """HYPOTHESIS_NO_PLUGINS is Hypothesis' own variable."""
    program = """
from hypothesis import strategies as st
from hypothesis.strategies._internal.types import _global_type_lookup
print(jobstatus.JobStatus in _global_type_lookup)
"""
    assert run(imports + program) == "True"
    assert run(imports + program, HYPOTHESIS_NO_PLUGINS="1") == "False"


@pytest.mark.parametrize("before", ["", "import jobstatus"])
def test_the_plugin_takes_less_than_2_ms(before: str) -> None:
    """The time covers loading and calling it, in the best of five processes.

    Hypothesis builds its table of types at the first use. That takes 5 ms, which do not count here.
    """
    program = f"""
import hypothesis.strategies
{before}
class Own: pass
hypothesis.strategies.register_type_strategy(Own, hypothesis.strategies.builds(Own))
from importlib.metadata import EntryPoint
from time import perf_counter
entry = EntryPoint("jobstatus", "_jobstatus_hypothesis:register", "hypothesis")
start = perf_counter()
entry.load()()
print(perf_counter() - start)
"""
    assert min(float(run(program, HYPOTHESIS_NO_PLUGINS="1")) for _ in range(5)) < 0.002


def test_the_entry_point_names_the_plugin() -> None:
    """The test reads the installed metadata."""
    program = """
from importlib.metadata import entry_points
print(*{entry.value for entry in entry_points(group="hypothesis") if entry.name == "jobstatus"})
"""
    assert run(program) == "_jobstatus_hypothesis:register"


# The tests damage a copy, which comes before the installed package on the path.


def copy_of(place: Path) -> Path:
    """Copy the package and its plugin."""
    shutil.copytree(PACKAGE, place / "jobstatus", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PLUGIN, place)
    return place


def cut(path: Path) -> None:
    """Cut a file in the middle."""
    text = path.read_bytes()
    path.write_bytes(text[: len(text) // 2])


def garble(path: Path) -> None:
    """Replace a file with invalid Python."""
    path.write_bytes(b"\0(")


def empty(path: Path) -> None:
    """Empty a file."""
    path.write_bytes(b"")


def imported_modules() -> list[str]:
    """Return the modules of the package that `import jobstatus` and the strategies load."""
    listing = "[vars(module).get('__file__') for module in list(sys.modules.values())]"
    loaded = run(f"import sys, jobstatus.strategies; print(*{listing}, sep='\\n')").splitlines()
    paths = (Path(name) for name in loaded)
    return sorted(str(path.relative_to(PACKAGE)) for path in paths if PACKAGE in path.parents)


def damages(place: Path) -> Iterator[Path]:
    """Yield copies of the package, each with one damaged module."""
    copy_of(place / "whole")
    modules = imported_modules()
    assert "_status.py" in modules
    for damage in (cut, garble, empty, Path.unlink):
        for module in modules:
            damaged = place / f"{damage.__name__} {module.replace(os.sep, ' ')}"
            shutil.copytree(place / "whole", damaged)
            damage(damaged / "jobstatus" / module)
            yield damaged


@pytest.mark.sampling
def test_hypothesis_starts_with_any_damaged_module(tmp_path: Path) -> None:
    """Each module is cut, garbled, emptied or deleted, and imported before or after Hypothesis."""
    program = f"""
import sys
import hypothesis.entry_points
import attr, attrs, typing_extensions  # which do not bear to be imported twice
failed = 0

def forget():
    for name in [name for name in sys.modules if "jobstatus" in name]:
        del sys.modules[name]

def import_in_vain():
    global failed
    try:
        import jobstatus
    except Exception:
        failed += 1

for place in {[str(path) for path in damages(tmp_path)]}:
    sys.path.insert(0, place)
    forget()
    import_in_vain()
    hypothesis.entry_points.run()
    forget()
    hypothesis.entry_points.run()
    assert sys.modules["_jobstatus_hypothesis"].__file__.startswith(place)
    assert "jobstatus" not in sys.modules
    import_in_vain()
    del sys.path[0]

print(failed)
"""
    assert int(run(program)) > 100  # most damages of the modules that it imports


def missing_package(place: Path) -> None:
    """Delete the package, and leave the plugin."""
    shutil.rmtree(place / "jobstatus")


def missing_strategies(place: Path) -> None:
    """Delete the strategies, like a build that excludes code for tests."""
    shutil.rmtree(place / "jobstatus" / "strategies")


def missing_dependencies(place: Path) -> None:
    """Make the dependencies fail to import, like an incomplete environment."""
    for name in ("attrs.py", "cattrs.py", "dateutil.py"):
        (place / name).write_text("raise ImportError")


def another_module(place: Path) -> None:
    """Replace the package with a user's module of the same name."""
    shutil.rmtree(place / "jobstatus")
    (place / "jobstatus.py").write_text("JobStatus = 1")


def another_package(place: Path) -> None:
    """Replace the package with a user's package and a module of the same names."""
    shutil.rmtree(place / "jobstatus")
    (place / "jobstatus").mkdir()
    (place / "jobstatus" / "__init__.py").write_text("from jobstatus import _status")
    (place / "jobstatus" / "_status.py").write_text("JobStatus = 1")


@pytest.mark.parametrize("first", ["", "try: import jobstatus\nexcept Exception: pass\n"])
@pytest.mark.parametrize(
    "damage",
    [missing_package, missing_strategies, missing_dependencies, another_module, another_package],
)
def test_hypothesis_works_with_a_broken_or_replaced_package(
    damage: Callable[[Path], None], first: str, tmp_path: Path
) -> None:
    """It still draws other types."""
    program = "import hypothesis\nprint(hypothesis.find(hypothesis.strategies.integers(), bool))"
    damage(copy_of(tmp_path))
    assert run(first + program, tmp_path) == "1"
