"""The modules import each other in a fixed order, and the package is light to import."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
import tomllib
import typing
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

import jobstatus
from jobstatus import STANDARD, Codec, Lifecycle, strategies
from jobstatus.errors import Problem
from tests.support.public_api import IMPORTABLE

PACKAGE = Path(jobstatus.__file__).parent
MACHINES = {strategies.JobStatusMachine, strategies.StrictJobStatusMachine}
PLUGIN = PACKAGE.parent / "_jobstatus_hypothesis.py"
PYPROJECT = Path(__file__).parent.parent / "pyproject.toml"
WORKFLOW = PYPROJECT.with_name(".github") / "workflows" / "ci.yml"
ORDER = [
    "_untrusted",
    "_states",
    "errors",
    "dates",
    "validators",
    "lifecycle",
    "_fields",
    "_wire._json",
    "_wire._deviations",
    "_wire._policy",
    "_wire._extra",
    "_wire._payload",
    "_wire._slow",
    "_wire._pattern",
    "_wire._write",
    "_wire._msgspec",
    "_wire",
    "_status",
    "_in_state",
    "codec",
    "_cattrs",
    "streams._values",
    "streams._items",
    "streams._stream",
    "streams._read",
    "streams",
    "history._findings",
    "history._audit",
    "history._merge",
    "history",
    "follow",
    "contract._schema",
    "contract._typescript",
    "contract._dialects",
    "contract",
    "contract.sql",
    "stores._records",
    "stores._connections",
    "stores._statements",
    "stores._database",
    "stores._progress",
    "stores._work",
    "stores._store",
    "stores._sqlite",
    "stores._postgres_connection",
    "stores._postgres",
    "stores",
    "queues._tables",
    "queues._read",
    "queues._publisher",
    "queues._current",
    "queues._reconcile",
    "queues",
    "queues.celery",
    "queues.dramatiq",
    "queues.rq",
    "_pydantic",
    "fastapi._requests",
    "fastapi._problems",
    "fastapi._bodies",
    "fastapi._async_store",
    "fastapi._streams",
    "fastapi._router",
    "fastapi",
    "strategies._values",
    "strategies._configuration",
    "strategies._payloads",
    "strategies._spelling",
    "strategies._documents",
    "strategies._histories",
    "strategies._machine",
    "strategies",
    "cli._help",
    "cli._output",
    "cli._codes",
    "cli._input",
    "cli._reading",
    "cli._hint",
    "cli._report",
    "cli._app",
    "cli._contract",
    "cli._explain",
    "cli._timeline",
    "cli._check",
    "cli._answer",
    "cli._http",
    "cli._screen",
    "cli._session",
    "cli._watch",
    "cli",
    "__main__",
    "__init__",
]


def parse_module(module: str) -> ast.Module:
    """Return the syntax tree of one of our modules."""
    path = PACKAGE.joinpath(*module.split("."))
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return ast.parse(source.read_text(encoding="utf-8"))


def imports_in_functions(tree: ast.Module) -> list[str]:
    """Return our modules that functions import when they are called."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return [name for function in functions for name in dict.fromkeys(imports(function))]


def imports(node: ast.AST) -> Iterator[str]:
    """Yield our modules that a module imports when it is imported."""
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.Import(names=names):
                yield from (name.name for name in names if name.name.startswith("jobstatus"))
            case ast.FunctionDef():
                continue  # imported only when the function is called
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                continue  # only type checkers import it
            case ast.ImportFrom(module=str(module), names=names) if is_ours(module):
                package = module.partition(".")[2]
                for name in names:
                    inside = f"{package}.{name.name}".lstrip(".")
                    yield inside if inside in ORDER else package
            case _:
                yield from imports(child)


def is_ours(module: str) -> bool:
    """Return whether a module belongs to the package."""
    return module.partition(".")[0] == "jobstatus"


def test_the_order_lists_every_module() -> None:
    """A new module must be given a place in it."""
    paths = [path.relative_to(PACKAGE).with_suffix("") for path in PACKAGE.rglob("*.py")]
    modules = [".".join(path.parts) for path in paths]
    assert {name.removesuffix(".__init__") for name in modules} == set(ORDER)


def test_the_exceptions_to_the_order_are_these() -> None:
    """Functions import these modules late: for extras, the command line, or the plugin."""
    inside = {module: imports_in_functions(parse_module(module)) for module in ORDER}
    assert {module: names for module, names in inside.items() if names} == {
        "_wire": ["_wire._msgspec", "_wire._pattern"],
        "_status": ["_pydantic", "_pydantic"],
        "codec": ["_pydantic"],
        "history._findings": ["_pydantic"],
        "stores._postgres": ["stores._postgres_connection"],
        "cli._watch": ["cli._session"],
        "__main__": ["cli"],
        "__init__": ["_cattrs"],
    }
    plugin = ast.parse(PLUGIN.read_text(encoding="utf-8"))
    assert imports_in_functions(plugin) == ["strategies", "strategies._payloads"]
    assert [*imports(plugin)] == []


@pytest.mark.parametrize("module", ORDER)
def test_a_module_imports_only_modules_above_it(module: str) -> None:
    """The order rules out circular imports."""
    above = ORDER[: ORDER.index(module)]
    assert [name for name in imports(parse_module(module)) if name not in above] == []


def test_importing_the_package_is_light() -> None:
    """Modules that only some users or features need are not loaded."""
    program = "import sys, jobstatus; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )
    loaded = set(done.stdout.split())
    assert {"jobstatus", "attrs"} <= loaded
    assert loaded.isdisjoint(
        {"cattrs", "dateutil", "hypothesis", "typer", "rich", "msgspec", "pydantic_core", "sqlite3"}
        | {"asyncio", "fastapi", "psycopg"}
    )


def test_a_loaded_hypothesis_plugin_registers_the_class() -> None:
    """If the plugin was imported first, the package calls it once JobStatus exists."""
    program = """
import sys, types
hook = types.ModuleType("_jobstatus_hypothesis")
hook.register = lambda: print("JobStatus" in vars(sys.modules["jobstatus._status"]))
sys.modules[hook.__name__] = hook
import jobstatus
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )
    assert done.stdout.split() == ["True"]


def test_dir_shows_exactly_the_public_names() -> None:
    """The file tests/public_api.txt lists them."""
    assert dir(jobstatus) == sorted(jobstatus.__all__)


def public_functions() -> Iterator[tuple[str, Any]]:
    """Yield every public function, public class and public method."""
    for module in map(import_module, IMPORTABLE):
        for name in module.__all__:
            value = getattr(module, name)
            if inspect.isfunction(value):
                yield f"{module.__name__}.{name}", value
            elif inspect.isclass(value):
                if value not in MACHINES:  # Hypothesis's own don't resolve
                    yield f"{module.__name__}.{name}", value
                for attribute, member in vars(value).items():
                    function = getattr(member, "__func__", getattr(member, "fget", member))
                    if inspect.isfunction(function) and (
                        attribute in {"__init__", "__new__", "__call__"} or attribute[0] != "_"
                    ):
                        yield f"{module.__name__}.{name}.{attribute}", function


PUBLIC = dict(public_functions())


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_annotation_resolves(name: str) -> None:
    """This includes errors that carry a job, although JobStatus is in a later module."""
    hints = typing.get_type_hints(PUBLIC[name])
    assert not any(isinstance(hint, str) for hint in hints.values())


@pytest.mark.parametrize("cls", [Codec, Lifecycle, Problem])
def test_a_value_class_is_final(cls: type) -> None:
    """A subclass could break the promises of its base class, as type checkers know too."""
    with pytest.raises(TypeError, match=f"^{cls.__name__} is final"):
        type("Mine", (cls,), {})


class Silent:
    """A mixin that does not pass __init_subclass__ on, so Python allows the subclass."""

    def __init_subclass__(cls) -> None:
        """Don't call the other base classes."""


@pytest.mark.parametrize("cls", [Codec, Lifecycle])
def test_no_instance_of_a_forced_subclass_is_made(cls: type) -> None:
    """A mixin can force a subclass, but its constructor raises the same error."""
    forced: type[Any] = type("Forced", (Silent, cls), {})
    with pytest.raises(TypeError, match=f"^{cls.__name__} is final"):
        forced(STANDARD.table) if cls is Lifecycle else forced()


def test_an_unknown_name_raises_attribute_error() -> None:
    """The package imports some names lazily, and must not hide a missing one."""
    with pytest.raises(AttributeError, match="module 'jobstatus' has no attribute 'nothing'"):
        _ = jobstatus.nothing


def test_there_are_four_runtime_dependencies() -> None:
    """Every other dependency belongs to an extra."""
    dependencies: list[str] = tomllib.loads(PYPROJECT.read_text())["project"]["dependencies"]
    names = [dependency.partition(">=")[0] for dependency in dependencies]
    assert names == ["attrs", "cattrs", "python-dateutil", "typing-extensions"]


def test_only_pyproject_toml_sets_the_version() -> None:
    """The installed package and the newest release in the changelog have the same one."""
    stated = tomllib.loads(PYPROJECT.read_text())["project"]["version"]
    assert version("jobstatus") == stated
    changelog = PYPROJECT.with_name("CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## \[(\d.*?)\] - \d{4}-\d\d-\d\d$", changelog, re.MULTILINE)[0] == stated
    for path in [*PACKAGE.rglob("*.py"), PLUGIN]:
        assert stated not in path.read_text(encoding="utf-8")


def locked_versions() -> dict[str, str]:
    """Return the versions in the constraints; the last one for a name with several."""
    names = ("constraints-live.txt", "constraints.txt")
    lock = "\n".join(PYPROJECT.with_name(name).read_text(encoding="utf-8") for name in names)
    return dict(re.findall(r"^([\w-]+)==(\S+)", lock, re.MULTILINE))


def test_every_dependency_is_locked() -> None:
    """The constraints name each one, so that CI does not depend on the day."""
    data = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))
    groups = [
        data["project"]["dependencies"],
        *data["project"]["optional-dependencies"].values(),
        *data["dependency-groups"].values(),
    ]
    entries = [entry for group in groups for entry in group if isinstance(entry, str)]
    names = {re.split(r"[^\w-]", entry)[0] for entry in entries}
    assert names - locked_versions().keys() == set()


def test_the_pre_commit_hooks_have_the_locked_versions() -> None:
    """pre-commit and `nox -s lint` agree about the style."""
    config = PYPROJECT.with_name(".pre-commit-config.yaml").read_text(encoding="utf-8")
    hooks = re.findall(r"/(codespell|ruff|zizmor)(?:-pre-commit)?\n +rev: v(\S+)", config)
    locked = locked_versions()
    assert hooks == [(name, locked[name]) for name in ("ruff", "codespell", "zizmor")]


@pytest.mark.skipif(not WORKFLOW.is_file(), reason="the sdist has no workflows")
def test_the_workflow_has_a_job_for_each_session() -> None:
    """CI runs the sessions that a plain `nox` runs, and the tests on every Python."""
    noxfile = PYPROJECT.with_name("noxfile.py").read_text(encoding="utf-8")
    default = noxfile.partition("nox.options.sessions = [")[2].partition("]")[0]
    sessions = re.findall(r'^    "(\w+)",$', default, re.MULTILINE)
    pythons = re.findall(r"3\.\d+", noxfile.partition("PYTHONS = ")[2].partition("\n")[0])
    jobs = re.findall(r"^          - (\S+)$", WORKFLOW.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(jobs) == sorted([*sessions, *(f"tests-{python}" for python in pythons)])


def test_no_module_is_too_long() -> None:
    """A module has at most 250 lines, not counting docstrings and blank lines."""
    for path in [*PACKAGE.rglob("*.py"), PLUGIN]:
        source = path.read_text(encoding="utf-8")
        docstrings = {
            number
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)
        }
        lines = enumerate(source.splitlines(), start=1)
        code = [line for number, line in lines if line.strip() and number not in docstrings]
        assert len(code) <= 250, path
